import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Report, type ReportOptions } from '../../../src/cli/compare/report.js';
import type { RecordedRequest } from '../../../src/cli/mock.js';

const request = (method: string, more: Partial<RecordedRequest> = {}): RecordedRequest => ({
  ...{ line: 3, service: 'Billing', method, body: Buffer.alloc(0), masked: false, hasReferenceId: true },
  sendLine: (options: readonly string[]) => `send ${method} ${options.join(' ')}`,
  ...more,
});

async function* all(...requests: RecordedRequest[]): AsyncGenerator<RecordedRequest> {
  yield* requests;
}

const DIFFERENCE = { path: 'Parameters.Id', a: { type: 'str', value: 'x' }, b: undefined };

let printed: { stdout: string; stderr: string };
const isTTY = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
beforeEach(() => {
  printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    });
  }
  terminal(false);
});
afterEach(() => {
  jest.restoreAllMocks();
  if (isTTY === undefined) Reflect.deleteProperty(process.stderr, 'isTTY');
  else Object.defineProperty(process.stderr, 'isTTY', isTTY);
});

const terminal = (value: boolean) => Object.defineProperty(process.stderr, 'isTTY', { value, configurable: true });

const reportOf = (options: Partial<ReportOptions> = {}): Report =>
  new Report({ methods: undefined, json: false, send: ['--to', 'b'], ...options });

/** The names of the chosen requests. */
async function chosen(report: Report, ...requests: RecordedRequest[]): Promise<string[]> {
  const names: string[] = [];
  for await (const { method } of report.chosen(all(...requests))) names.push(method);
  return names;
}

describe('the report of a comparison', () => {
  it('chooses the requests of some methods, or of all, that have a ReferenceId', async () => {
    const requests = [request('Get'), request('Pay', { hasReferenceId: false }), request('Pay')];
    expect(await chosen(reportOf(), ...requests)).toEqual(['Get', 'Pay']);
    expect(await chosen(reportOf({ methods: ['Billing.Pay'] }), ...requests)).toEqual(['Pay']);
    expect(await chosen(reportOf({ methods: ['Pay', 'Billing'] }), ...requests)).toEqual([]);
  });

  it('prints each difference as it comes, then a summary', () => {
    const report = reportOf();
    report.add(request('Get'), [DIFFERENCE], true);
    const first = 'line 3: Billing.Get\n  send Get --to b\n  Parameters.Id: a str "x", b missing\n\n';
    expect(printed).toEqual({ stdout: first, stderr: '' });
    report.add(request('Get'), [], true);
    report.add(request('Pay'), [], true);
    expect(printed.stdout).toBe(first);
    report.end();
    expect(printed).toEqual({
      stdout:
        `${first}              requests       same  different\n` +
        'Billing.Get          2          1          1\n' +
        'Billing.Pay          1          1          0\n' +
        'all                  3          2          1\n',
      stderr: '',
    });
    expect(report.exitCode()).toBe(2);
  });

  it('prints JSON', () => {
    const report = reportOf({ json: true });
    report.add(request('Get'), [DIFFERENCE], true);
    report.end();
    const [difference, summary, ...more] = printed.stdout.split('\n');
    expect(JSON.parse(difference ?? '')).toMatchObject({ line: 3, send: 'send Get --to b' });
    expect(JSON.parse(summary ?? '')).toEqual({
      methods: [{ service: 'Billing', method: 'Get', asked: 1, different: 1, same: 0 }],
    });
    expect(more).toEqual(['']);
  });

  it('notes what it did not compare, or not as it was', async () => {
    const report = reportOf();
    report.end();
    expect(printed).toEqual({ stdout: '', stderr: '' });
    for (const masked of [true, true]) report.add(request('Get', { masked }), [], true);
    for (let count = 0; count < 3; count++) report.add(request('Get'), [], false);
    await chosen(report, ...Array.from({ length: 4 }, () => request('Get', { hasReferenceId: false })));
    for (let count = 0; count < 5; count++) report.skip();
    report.end();
    expect(printed.stderr).toBe(
      'sent with masked secrets (asterisks): 2\n' +
        'without a reply from either server (the same): 3\n' +
        'not sent, because they have no ReferenceId: 4\n' +
        'malformed messages, skipped: 5\n',
    );
    expect(report.exitCode()).toBe(0);
  });

  it('fails without a request, or without one of a given method', () => {
    expect(() => reportOf().exitCode()).toThrow('the recording has no request to send');
    const report = reportOf({ methods: ['Billing.Get', 'Billing.Pay'] });
    report.add(request('Get'), [], true);
    expect(() => report.exitCode()).toThrow('the recording has no request of Billing.Pay to send');
  });

  it('shows its progress on a terminal, at most every 100 ms', () => {
    terminal(true);
    const now = jest.spyOn(performance, 'now').mockReturnValue(100);
    const report = reportOf();
    report.add(request('Get'), [], true);
    expect(printed).toEqual({ stdout: '', stderr: '\r1 requests, 0 different\u001b[K' });
    printed.stderr = '';
    now.mockReturnValue(199);
    report.add(request('Get'), [DIFFERENCE], true);
    expect(printed.stderr).toBe('\r\u001b[K');
    printed.stderr = '';
    now.mockReturnValue(200);
    report.add(request('Get'), [], true);
    expect(printed.stderr).toBe('\r3 requests, 1 different\u001b[K');
  });
});
