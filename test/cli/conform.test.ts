import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EspMessage, EspRequest } from '../../src/esp/index.js';
import { faults, faultTo } from '../../src/esp/index.js';
import { SmallConnection, type SmallServer, startSmallServer } from '../conform/small-server.js';
import { runCommand } from '../support/run-command.js';

/** Knows no UTF-16 strings. */
class WithoutUtf16 extends SmallConnection {
  override answer(request: EspRequest): EspMessage {
    return request.text === 'utf16' ? faultTo(request, 171, faults.invalidRequest()) : super.answer(request);
  }
}

let server: SmallServer;
beforeAll(async () => {
  server = await startSmallServer(WithoutUtf16);
});
afterAll(() => server.close());

const run = (...words: string[]) => runCommand(['conform', `127.0.0.1:${server.port}`, ...words]);

describe('esp-host conform', () => {
  it('prints a line per check', async () =>
    expect(await run('Small.Ask', 'Id=17', '--only', 'faults.902', 'replies.order')).toEqual({
      code: 0,
      stdout: `ok        replies.one: replies to a request
skipped   replies.order: replies to a fast request before the reply to a slow one
          it needs --slow, a method that takes a second or so
note      faults.902: replies with fault 902 to an unknown method, service or application
          an unknown AppName: a response
3 checks: 1 ok, 0 deviate, 1 noted, 1 skipped
`,
      stderr: '',
    }));

  it('says what deviates, and what a client notices of it', async () =>
    expect(await run('Small.Ask', '--only', 'strings.utf16')).toEqual({
      code: 2,
      stdout: `ok        replies.one: replies to a request
DEVIATES  strings.utf16: reads Service, Method and parameters as UTF-16 strings
          replied to a request in UTF-16 strings with fault 701, and to the plain request with a response
          a client notices: clients that send every string as UTF-16 get a fault for each request
2 checks: 1 ok, 1 deviate, 0 noted, 0 skipped
`,
      stderr: '',
    }));

  it('asks for a method that no server has unless one is given', async () => {
    const { code, stdout } = await run('--only', 'strings.utf16', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual([
      { id: 'replies.one', title: 'replies to a request', state: 'ok' },
      {
        id: 'strings.utf16',
        title: 'reads Service, Method and parameters as UTF-16 strings',
        state: 'deviation',
        text: 'replied to a request in UTF-16 strings with fault 701, and to the plain request with fault 902',
        notice: 'clients that send every string as UTF-16 get a fault for each request',
      },
    ]);
  });

  it('says that nothing listens', async () =>
    expect(await runCommand(['conform', '127.0.0.1:1'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'cannot connect to 127.0.0.1:1: nothing listens there\n',
    }));

  it('knows its checks', async () =>
    expect(await run('--only', 'replies.two')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("argument 'replies.two' is invalid. Allowed choices are replies.one,"),
    }));
});
