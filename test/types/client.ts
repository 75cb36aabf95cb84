/** What compiles, and what does not, for a user of the client. `npm run typecheck` checks it. Nothing runs it. */
import { EspClient, type EspReply, KeyValueList } from 'esp-host/client';
import { equal } from './equal.js';

const client = new EspClient({
  host: '127.0.0.1',
  port: 7120,
  requestTimeoutMs: 500,
  reconnect: { minMs: 10, maxMs: 500 },
});

equal<Promise<void>>()(client.connect());
const reply = await client.request(
  {
    service: 'Billing',
    method: 'GetBalance',
    appType: 'DMS',
    parameters: { Account: '17', Months: 3, Of: { A: ['b'] } },
  },
  { timeoutMs: 500, signal: AbortSignal.timeout(5) },
);
equal<EspReply>()(reply);
equal<string | undefined>()(reply.parameters.string('Balance'));
equal<KeyValueList | undefined>()(reply.userData);
await client.request({ service: 'Billing', method: 'GetBalance', parameters: new KeyValueList() });

// @ts-expect-error: there may be no fault
reply.fault.code;
// @ts-expect-error: a request has a method
await client.request({ service: 'Billing' });
// @ts-expect-error: a key-value list holds no boolean
await client.request({ service: 'Billing', method: 'GetBalance', parameters: { Open: true } });
// @ts-expect-error: nor a Date
await client.request({ service: 'Billing', method: 'GetBalance', parameters: { At: new Date() } });
// @ts-expect-error: not a kind of string
await client.request({ service: 'Billing', method: 'GetBalance', text: 'utf8' });
// @ts-expect-error: a client has a port
new EspClient({ host: '127.0.0.1' });
// @ts-expect-error: unknown option
new EspClient({ host: '127.0.0.1', port: 7120, timeout: 5 });
