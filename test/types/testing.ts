/** What compiles, and what does not, for tests of a plugin. `npm run typecheck` checks it. Nothing runs it. */
import { type EspCall, EspMethod, KeyValueList, z } from 'esp-host';
import { type EspOutcome, fakeHttp, type TestedMethod, testMethod } from 'esp-host/testing';
import { equal } from './equal.js';

const parameters = z.object({ Account: z.string(), Months: z.int().default(12), Tags: z.array(z.string()).optional() });
const response = z.object({ Balance: z.string() });

@EspMethod('Types', 'GetBalance', { parameters, response })
class GetBalance {
  handle(call: EspCall<typeof parameters>) {
    return { Balance: call.parameters.Account };
  }
}

const method = await testMethod(GetBalance, { http: fakeHttp([{ url: /accounts/, json: {} }]), deadlineMs: 50 });
equal<TestedMethod<typeof parameters>>()(method);

// The parameters are those of the schema, before its defaults. A client may omit any of them.
equal<EspOutcome>()(await method.call({ Account: '17', Months: 3, Tags: ['a'] }));
await method.call({ Account: '17' });
await method.call({}, { userData: { Name: 'Ann' }, text: 'utf16', signal: AbortSignal.timeout(5) });
await method.call({ Account: '17', _umsChannel: 'main' });
// A list is for what the types do not allow.
await method.call(new KeyValueList());

// @ts-expect-error: the schema does not name it
await method.call({ Acount: '17' });
// @ts-expect-error: of another type
await method.call({ Account: 17 });
// @ts-expect-error: not a kind of string
await method.call({ Account: '17' }, { text: 'utf8' });

const { response: answered, fault } = await method.call({});
// @ts-expect-error: there may be no response
answered.Balance;
// @ts-expect-error: there may be no fault
fault.code;

// @ts-expect-error: a reply has a url
fakeHttp([{ status: 200 }]);
// @ts-expect-error: not a class with a handle()
await testMethod(class {});
