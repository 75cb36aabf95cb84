export const EQUIVALENT = {
  'src/config/schema.ts': [
    {
      code: "context.addIssue({ code: 'custom', path: [name], message });",
      from: "'custom'",
      why: 'a value of another code would be shown, but not a mapping',
    },
  ],
  'src/config/suggestions.ts': [
    {
      code: 'if (one instanceof z.ZodObject) for (const key of Object.keys(one.shape)) keys.add(key);',
      from: 'one instanceof z.ZodObject',
      to: 'true',
      why: 'for the types: only objects have unknown keys',
    },
    {
      code: 'return schema instanceof z.ZodArray ? (schema.element as z.ZodType) : undefined;',
      from: 'schema instanceof z.ZodArray',
      to: 'true',
      why: 'for the types: only arrays have an element',
    },
    {
      code: 'if (Math.abs(candidate.length - word.length) > most) continue;',
      from: 'Math.abs(candidate.length - word.length) > most',
      why: 'a shortcut: the distance is at least the difference of the lengths',
    },
    {
      code: 'const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];',
      from: '1',
      why: 'a column behind the last is not read',
    },
  ],
};
