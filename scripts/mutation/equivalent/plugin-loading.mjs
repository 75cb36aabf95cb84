const NO_PLACE = 'any text without a place will do';
const ALIKE = 'without module hooks, which jest refuses, both are imported alike; test/end-to-end/dev.test.ts has them';

export const EQUIVALENT = {
  'src/plugin-loading/code-problems.ts': [
    { code: "function syntaxPlace({ stack = '' }: Error): Place | undefined {", from: "''", why: NO_PLACE },
    { code: "function thrownPlace({ stack = '' }: Error): Place | undefined {", from: "''", why: NO_PLACE },
    {
      code: "const [, file = '', line, before = ''] = found ?? [];",
      from: "''",
      why: 'for the types: an expression that matches has these groups',
    },
  ],
  'src/plugin-loading/load-plugin.ts': [
    {
      code: "const [, place] = error instanceof SyntaxError ? (/^(?!SyntaxError)(.+:\\d+)\\n/.exec(error.stack ?? '') ?? []) : [];",
      from: "''",
      why: NO_PLACE,
    },
    { code: 'if (!isTypeScript(entry)) return await import(pathToFileURL(entry).href);', to: 'false', why: ALIKE },
  ],
  'src/plugin-loading/module-cache.ts': [
    {
      code: 'isTypeScript(entry) ? importTypeScript(entry, files) : importAnew(entry, files, stale);',
      to: 'true',
      why: ALIKE,
    },
    {
      code: 'isTypeScript(entry) ? importTypeScript(entry, files) : importAnew(entry, files, stale);',
      to: 'false',
      why: ALIKE,
    },
  ],
};
