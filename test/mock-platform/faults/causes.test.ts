import { describe, expect, it } from '@jest/globals';
import type { MockRequest } from 'esp-host';
import { EspRequest } from '#wire';
import { Causes } from '../../../mock-platform/faults/index.js';
import { request } from '../../support/raw-client.js';

const espRequest = (Account = '17'): EspRequest => new EspRequest(request(1, 'Billing', 'GetBalance', { Account }));

const call = (headers: MockRequest['headers']): MockRequest => ({
  ...{ method: 'GET', path: '/', query: new URLSearchParams(), headers, body: '' },
});

const CLIENT = '127.0.0.1:50123';
const MOCKS = ['http://127.0.0.1:9090', 'https://127.0.0.1:9091'];

describe('the cause of a call', () => {
  it('is identified by the header of the call', () => {
    const causes = new Causes(() => MOCKS);
    const [first, second] = [espRequest(), espRequest('18')];
    const headersOf = (one: EspRequest) => causes.headers(one, new URL('http://127.0.0.1:9090/v1/balance'), CLIENT);
    const headers = headersOf(first);
    expect(Object.keys(headers)).toEqual(['x-esp-host-cause']);
    expect(headersOf(first)).toEqual(headers);
    expect(headersOf(second)).not.toEqual(headers);
    expect(causes.of(call(headers))?.request).toBe(first);
    expect(causes.of(call(headers))?.client).toBe(CLIENT);
    expect(causes.of(call(headersOf(second)))?.request).toBe(second);
  });

  it.each([[{}], [{ 'x-esp-host-cause': '99' }], [{ 'x-esp-host-cause': '' }], [{ 'x-esp-host-cause': ['1', '2'] }]])(
    'is unknown for the headers %j',
    (headers) => {
      const causes = new Causes(() => MOCKS);
      causes.headers(espRequest(), new URL('http://127.0.0.1:9090'), CLIENT);
      expect(causes.of(call(headers as MockRequest['headers']))).toBeUndefined();
    },
  );

  it.each([
    ['http://127.0.0.1:9090/v1/balance?a=b', true],
    ['https://localhost:9091', true],
    ['http://localhost:9090', true],
    ['http://[::1]:9090', false],
    ['http://localhost:9091', false],
    ['https://localhost:9090', false],
    ['https://127.0.0.1:9090', false],
    ['http://localhost', false],
    ['http://127.0.0.1:9092', false],
    ['http://127.0.0.1', false],
    ['https://billing.example:9090', false],
  ])('is sent to %s: %s', (url, isSent) => {
    const headers = new Causes(() => MOCKS).headers(espRequest(), new URL(url), CLIENT);
    expect(Object.keys(headers)).toHaveLength(isSent ? 1 : 0);
  });

  it.each([
    ['http://127.0.0.1:80', 'http://localhost/v1'],
    ['https://127.0.0.1', 'https://localhost:443'],
  ])('is sent to the mock %s, called as %s', (mock, url) => {
    expect(Object.keys(new Causes(() => [mock]).headers(espRequest(), new URL(url), CLIENT))).toHaveLength(1);
  });

  it('is sent to a mock that follows one without a server', () => {
    const headers = new Causes(() => ['', ...MOCKS]).headers(espRequest(), new URL('http://127.0.0.1:9090'), CLIENT);
    expect(Object.keys(headers)).toHaveLength(1);
  });
});
