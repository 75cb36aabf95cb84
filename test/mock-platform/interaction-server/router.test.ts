import { describe, expect, it } from '@jest/globals';
import { EspFault, EspRequest, KeyValueList, MessageId, type PlainValues } from '#wire';
import { type Connectable, Router } from '../../../mock-platform/interaction-server/router.js';

const request = (values: PlainValues): EspRequest =>
  new EspRequest({
    messageId: MessageId.Request3rdServer,
    referenceId: 1,
    request: KeyValueList.from(values),
    userData: undefined,
  });

interface Fake extends Connectable {
  connected: boolean;
}

const application = (name: string, type: number, port: number, more: Partial<Fake> = {}): Fake => ({
  name,
  type,
  address: { host: '127.0.0.1', port },
  connected: true,
  ...more,
});

const chosen = (router: Router<Fake>, values: PlainValues): string => {
  try {
    return router.route(request(values)).name;
  } catch (error) {
    if (error instanceof EspFault) return `${error.code} ${error.message}`;
    throw error;
  }
};

const times = (count: number, router: Router<Fake>, values: PlainValues): string[] =>
  Array.from({ length: count }, () => chosen(router, values));

describe('Router', () => {
  const dms = application('DMS', 171, 7120);
  const email = application('Mail', 64, 7121);
  const router = new Router([dms, email]);

  it('finds an application by AppName, which takes precedence over AppType', () => {
    expect(chosen(router, { AppName: 'Mail' })).toBe('Mail');
    expect(chosen(router, { AppName: 'Mail', AppType: 171 })).toBe('Mail');
    expect(chosen(router, { AppName: 'Mail', AppType: 999 })).toBe('Mail');
  });

  it('answers 902 for an unknown AppName, even if the type is known', () => {
    expect(chosen(router, { AppName: 'Other', AppType: 171 })).toBe('902 Other unknown application');
    expect(chosen(router, { AppName: 'dms' })).toBe('902 dms unknown application');
  });

  it('accepts AppType as an int, a string of digits, or a case-insensitive name', () => {
    for (const AppType of [171, '171', 'SocialMS', 'socialms']) expect(chosen(router, { AppType })).toBe('DMS');
    for (const AppType of [64, '64', 'E-Mail Server Java', 'e-mail server']) {
      expect(chosen(router, { AppType })).toBe('Mail');
    }
  });

  it('uses AppType if AppName is empty', () => {
    expect(chosen(router, { AppName: '', AppType: 171 })).toBe('DMS');
  });

  it('answers 902 for an unknown type', () => {
    expect(chosen(router, { AppType: 59 })).toBe('902 59 unknown application');
    expect(chosen(router, { AppType: 'Chat Server' })).toBe('902 Chat Server unknown application');
    expect(chosen(router, { AppType: { a: 'b' } })).toBe('902 list unknown application');
  });

  it('answers 902 for a request with neither', () => {
    const text = '902 Request names neither AppName nor AppType: unknown application';
    expect(chosen(router, { Service: 'Messaging' })).toBe(text);
    expect(chosen(router, { AppName: '', AppType: '' })).toBe(text);
  });

  it('answers 901 for an application that is not connected', () => {
    const down = new Router([application('DMS', 171, 7120, { connected: false }), email]);
    expect(chosen(down, { AppName: 'DMS' })).toBe('901 DMS connection with 127.0.0.1:7120 failed');
    expect(chosen(down, { AppType: 171 })).toBe('901 DMS connection with 127.0.0.1:7120 failed');
    expect(chosen(down, { AppType: 64 })).toBe('Mail');
  });

  it('alternates between the connected servers of a type, however the type is written', () => {
    const servers = ['A', 'B', 'C'].map((name, index) => application(name, 171, 7120 + index));
    const three = new Router([email, ...servers]);
    expect(times(4, three, { AppType: 171 })).toEqual(['A', 'B', 'C', 'A']);
    expect(chosen(three, { AppType: 'SocialMS' })).toBe('B');
    expect(chosen(three, { AppName: 'A' })).toBe('A');
    expect(chosen(three, { AppType: 64 })).toBe('Mail');
    expect(chosen(three, { AppType: '171' })).toBe('C');
  });

  it('skips disconnected servers until they reconnect', () => {
    const [a, b, c] = ['A', 'B', 'C'].map((name, index) => application(name, 171, 7120 + index)) as [Fake, Fake, Fake];
    const three = new Router([a, b, c]);
    b.connected = false;
    expect(times(3, three, { AppType: 171 })).toEqual(['A', 'C', 'A']);
    b.connected = true;
    expect(times(4, three, { AppType: 171 })).toEqual(['B', 'C', 'A', 'B']);
  });
});
