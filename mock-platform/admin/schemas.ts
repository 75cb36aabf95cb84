import { z } from 'esp-host';
import { type JsonEntry, type JsonMessage, ListError, listFromJson } from '#wire';

/** Schemas that routes share. */

export const problem = z.strictObject({ error: z.string() }).meta({ id: 'Problem' });

/** A problem in a file, and its place. */
export const fileProblem = z.strictObject({
  code: z.string().optional().describe('ESP_CONFIG_... for a problem in a configuration file.'),
  file: z.string(),
  line: z.int(),
  column: z.int(),
  message: z.string(),
});

export const time = () => z.number().describe('Milliseconds since 1970.');
export const duration = () => z.number().describe('Milliseconds.');
/** The JSON Schema of a schema. What it cannot express may be anything. */
export const jsonSchemaOf = (schema: z.ZodType, io: 'input' | 'output' = 'input'): Record<string, unknown> =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;

export const jsonSchema = () => z.record(z.string(), z.unknown()).describe('A JSON Schema.');

const key = z.union([z.string(), z.strictObject({ hex: z.string() })]);
const entryType = z.enum(['str', 'strx', 'utf16', 'int', 'bin', 'list']);

export type EntryKey = z.output<typeof key>;
export type EntryType = z.output<typeof entryType>;
export type Entry = readonly [key: EntryKey, type: EntryType, value: string | number | readonly Entry[]];

const entry: z.ZodType<Entry, JsonEntry> = z
  .lazy(() => z.tuple([key, entryType, z.union([z.string(), z.number(), z.array(entry)])]))
  .meta({ id: 'Entry', description: 'An entry of a list: [key, type, value]. Bytes are in hex.' });

export const entries = z.array(entry);

/** Entries of a client, whose values must match their types. */
export const givenEntries = entries.superRefine((list, context) => {
  try {
    listFromJson(list);
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

export interface Message {
  readonly messageId: number;
  readonly referenceId: number | null;
  readonly request: readonly Entry[] | null;
  readonly userData: readonly Entry[] | null;
}

export const message: z.ZodType<Message, JsonMessage> = z
  .strictObject({
    messageId: z.int(),
    referenceId: z.int().nullable(),
    request: entries.nullable(),
    userData: entries.nullable(),
  })
  .meta({ id: 'Message' });

export const appType = z
  .union([z.int32(), z.string().min(1)])
  .describe('An application type, by number or name: 171 or SocialMS.');

/** The data of a strategy: strings, numbers and lists by name. */
export const values = z.record(z.string(), z.unknown());
