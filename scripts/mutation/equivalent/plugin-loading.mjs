export const EQUIVALENT = {
  'src/plugin-loading/load-plugin.ts': [
    {
      code: "const [, place] = error instanceof SyntaxError ? (/^(?!SyntaxError)(.+:\\d+)\\n/.exec(error.stack ?? '') ?? []) : [];",
      from: "''",
      why: 'any text without a place will do',
    },
  ],
};
