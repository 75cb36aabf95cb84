import { describe, expect, it } from '@jest/globals';
import { Change } from '../../src/server/change.js';
import { ListenError } from '../../src/server/errors.js';
import { isSameAddress, type Listening, takePort } from '../../src/server/take-port.js';

const failure = (code: string, message = 'no') => Object.assign(new Error(message), { code });
const at = (host: string, port = 5000) => ({ host, port });

describe('a port that is not available', () => {
  it.each([
    ['EADDRINUSE', 'another program listens there; stop it, or choose another port in listeners.esp.port'],
    ['EACCES', 'this user may not listen there; choose a port above 1023'],
    ['EADDRNOTAVAIL', 'this machine has no such address; see listeners.esp.host'],
    ['ENOTFOUND', 'there is no such host name; see listeners.esp.host'],
    ['EMFILE', 'too many files'],
  ])('is reported with advice: %s', (code, text) => {
    const failed = new ListenError(failure(code, 'too many files'), at('h'), 'listeners.esp');
    expect(failed).toMatchObject({
      code: 'ESP_SERVER_LISTEN_FAILED',
      message: `cannot listen on h:5000: ${text}`,
      isInUse: code === 'EADDRINUSE',
    });
  });
});

describe('two addresses are the same', () => {
  it.each<[string, string, boolean]>([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '::ffff:127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['0.0.0.0', '127.0.0.1', false],
  ])('%s and %s: %s', async (one, other, same) => {
    expect(await isSameAddress(at(one), at(other))).toBe(same);
    expect(await isSameAddress(at(one), at(other, 5001))).toBe(false);
  });
});

describe('a new listener', () => {
  /** Listeners of one port, which only one of them can have; notes what they do. */
  function listeners(oldHost: string, code = 'EADDRINUSE', oldPort = 5000) {
    const done: string[] = [];
    let held = true;
    const listening = (name: string, host: string, port = 5000): Listening => ({
      ...at(host, port),
      start: async () => {
        if (held) throw failure(code);
        held = true;
        done.push(`${name} starts`);
      },
      pause: () => {
        held = false;
        done.push(`${name} pauses`);
      },
    });
    return { done, old: listening('old', oldHost, oldPort), wanted: listening('new', '127.0.0.1') };
  }

  it.each(['0.0.0.0', '::', '127.0.0.1'])(
    'gets the port from one at %s, at the end of the change alone',
    async (host) => {
      const { done, old, wanted } = listeners(host);
      const change = new Change();
      await takePort(wanted, at('127.0.0.1'), 'listeners.esp', old, change);
      expect(done).toEqual([]);
      await change.finish();
      expect(done).toEqual(['old pauses', 'new starts']);
      expect(await change.undo()).toEqual([]);
      expect(done.slice(2)).toEqual(['new pauses', 'old starts']);
    },
  );

  it.each<[string, Parameters<typeof listeners>]>([
    ['the old one is at another address', ['127.0.0.2']],
    ['the old one has another port', ['0.0.0.0', 'EADDRINUSE', 5001]],
    ['the error is not about the port', ['0.0.0.0', 'EACCES']],
  ])('is refused if %s', async (_why, setup) => {
    const { done, old, wanted } = listeners(...setup);
    const change = new Change();
    const taking = takePort(wanted, at('127.0.0.1'), 'listeners.esp', old, change);
    await expect(taking).rejects.toBeInstanceOf(ListenError);
    await change.finish();
    expect(done).toEqual([]);
  });

  it('is refused without an old one', async () => {
    const { wanted } = listeners('0.0.0.0');
    const taking = takePort(wanted, at('127.0.0.1'), 'listeners.esp', undefined, new Change());
    await expect(taking).rejects.toThrow('cannot listen on 127.0.0.1:5000: another program listens there');
  });
});

it('hosts without an address are only the same by name', async () => {
  const [one, other] = [at('x'.repeat(300)), at('y'.repeat(300))];
  expect(await isSameAddress(one, { ...one })).toBe(true);
  expect(await isSameAddress(one, other)).toBe(false);
});
