/** What becomes JSON, or a message, has no member that is undefined. */
const UNDEFINED = { to: 'false', why: 'a member that is undefined is left out of the JSON' };

export const EQUIVALENT = {
  'mock-platform/filter/filter.ts': [
    {
      code: 'while (start < a.length && a[start] === b[start]) start++;',
      from: 'start < a.length',
      to: 'start <= a.length',
      why: 'a name that is equal is a term, and never comes here',
    },
  ],
  'mock-platform/admin/routes/configuration.ts': [
    { code: '...(phoneNumber === undefined ? {} : { phoneNumber }),', from: 'phoneNumber === undefined', ...UNDEFINED },
  ],
  'mock-platform/admin/routes/stubs.ts': [
    { code: '...(application === undefined ? {} : { application }),', from: 'application === undefined', ...UNDEFINED },
    { code: '...(upstream === undefined ? {} : { upstream }),', from: 'upstream === undefined', ...UNDEFINED },
    {
      code: '...(definition.scenario === undefined ? {} : { scenario: definition.scenario }),',
      from: 'definition.scenario === undefined',
      ...UNDEFINED,
    },
    { code: '...(stub === undefined ? {} : { stub }),', from: 'stub === undefined', ...UNDEFINED },
    { code: '...(unmatched === undefined ? {} : { unmatched }),', from: 'unmatched === undefined', ...UNDEFINED },
  ],
  'mock-platform/export/stub-file.ts': [
    {
      code: 'JSON.stringify([service, method, Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))]);',
      from: '1',
      to: '2',
      why: 'only the sign counts',
    },
  ],
  'mock-platform/export/test/test-setting.ts': [
    { code: ".replaceAll(sep, '/')", from: "'/'", why: 'only paths of Windows have other separators' },
  ],
  'mock-platform/relay/flow.ts': [
    {
      code: "atOnce.addEventListener('abort', this.#finish, { once: true });",
      from: 'true',
      why: 'a signal aborts once, and what is finished listens no more',
    },
  ],
};
