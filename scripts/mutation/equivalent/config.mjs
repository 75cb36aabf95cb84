const RANGE = 'for the types: a parsed node has a range';

export const EQUIVALENT = {
  'src/config/schema.ts': [
    {
      code: "context.addIssue({ code: 'custom', path: [name], message });",
      from: "'custom'",
      why: 'a value of another code would be shown, but not a mapping',
    },
  ],
  'src/config/source.ts': [
    {
      code: '(pair?.key as Node | undefined)?.range?.[0] ?? this.#offset(path),',
      from: '(pair?.key as Node | undefined)?.range?.[0]',
      to: '(pair?.key as Node | undefined)?.range[0]',
      why: RANGE,
    },
    {
      code: "problems.push(this.#at(node.range?.[0] ?? 0, message, 'ESP_CONFIG_MISSING_VARIABLE'));",
      from: 'node.range?.[0]',
      why: RANGE,
    },
  ],
  'src/config/suggestions.ts': [
    {
      code: 'if (one instanceof z.ZodObject) for (const key of Object.keys(one.shape)) keys.add(key);',
      from: 'one instanceof z.ZodObject',
      to: 'true',
      why: 'for the types: only objects have unknown keys',
    },
  ],
};
