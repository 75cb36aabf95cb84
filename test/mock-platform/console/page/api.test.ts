import { beforeEach, describe, expect, it } from '@jest/globals';
import { ApiError, api, messageOf } from '../../../../mock-platform/console/api/api.js';
import { FakePage } from './fake-page.js';

let page: FakePage;
beforeEach(() => {
  page = new FakePage();
});

describe('a call of the admin API', () => {
  const SEND = { to: 'host', service: 'S', method: 'M', parameters: [] } as const;
  it.each<[string, () => Promise<unknown>, unknown?]>([
    ['GET api/status', () => api.status()],
    ['GET api/configuration', () => api.configuration()],
    ['GET api/reload', () => api.reload()],
    ['GET api/journal?limit=5&before=7', () => api.journal({ limit: 5, before: 7 })],
    ['GET api/journal/7', () => api.entry(7)],
    ['DELETE api/journal', () => api.clearJournal()],
    ['POST api/send', () => api.send(SEND), SEND],
    ['GET api/stubs', () => api.stubs()],
    ['POST api/stubs', () => api.addStub({ application: 'DMS' }, { a: 1 }), { application: 'DMS', stub: { a: 1 } }],
    ['GET api/stubs/requests?unmatched=true&limit=20', () => api.unmatchedRequests()],
    ['DELETE api/stubs/a%2Fb', () => api.removeStub('a/b')],
    ['GET api/faults', () => api.faults()],
    ['POST api/faults', () => api.addFault({ kind: 'delay' }), { kind: 'delay' }],
    ['DELETE api/faults/4', () => api.removeFault(4)],
    ['DELETE api/faults', () => api.removeFaults()],
    ['GET api/panels', () => api.panels()],
    ['GET api/billing/accounts', () => api.mockState('billing/accounts')],
    [
      'PUT api/billing/17',
      () => api.act({ method: 'PUT', path: 'billing/17', body: { balance: '1.00' } }),
      { balance: '1.00' },
    ],
    ['POST api/billing/close', () => api.act({ method: 'POST', path: 'billing/close', body: undefined })],
    ['GET api/strategies', () => api.strategies()],
    ['POST api/strategies/run', () => api.runStrategy('a.yaml', { Id: 'x' }), { file: 'a.yaml', set: { Id: 'x' } }],
    ['GET api/charts', () => api.charts()],
    ['POST api/reset', () => api.reset()],
  ])('%s', async (line, call, ...[body]) => {
    const result = call();
    expect(`${page.last.method} ${page.last.path}`).toBe(line);
    expect(page.last.body).toEqual(body);
    expect(page.last.contentType).toBe(body === undefined ? null : 'application/json');
    await page.last.answer({ some: 'data' });
    expect(await result).toEqual({ some: 'data' });
  });

  it('returns an export as text', async () => {
    const result = api.exported(7, 'test');
    expect(page.last.path).toBe('api/journal/7/export?as=test');
    await page.last.answer('// {');
    expect(await result).toBe('// {');
  });

  it('may get an empty response', async () => {
    const result = api.clearJournal();
    await page.last.answer('', 204);
    expect(await result).toBeUndefined();
  });

  it.each([
    [{ error: 'no such file' }, 404, 'no such file'],
    [{ error: 17 }, 400, 'The platform answered 400'],
    ['<html>', 502, 'The platform answered 502 Bad Gateway'],
  ])('fails with the error of %j, status %i', async (answer, status, message) => {
    const failed = api.status().catch((error: unknown) => error);
    await page.last.answer(answer, status);
    const error = await failed;
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ name: 'ApiError', message, status });
  });

  it('reports that the platform does not respond', async () => {
    const failed = api.status(new AbortController().signal).catch((error: unknown) => error);
    await page.last.fail(new TypeError('Failed to fetch'));
    expect(await failed).toMatchObject({ message: 'The platform does not answer: is it still running?', status: 0 });
  });

  it('fails like fetch when aborted', async () => {
    const abort = new AbortController();
    const failed = api.status(abort.signal).catch((error: unknown) => error);
    abort.abort();
    expect(await failed).toMatchObject({ message: 'aborted' });
  });

  it('returns the message of anything thrown', () => {
    expect([messageOf(new Error('broken')), messageOf('a text')]).toEqual(['broken', 'a text']);
  });
});
