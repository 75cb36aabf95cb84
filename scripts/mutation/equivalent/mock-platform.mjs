export const EQUIVALENT = {
  'mock-platform/export/test/test-setting.ts': [
    { code: ".replaceAll(sep, '/')", from: "'/'", why: 'only paths of Windows have other separators' },
  ],
};
