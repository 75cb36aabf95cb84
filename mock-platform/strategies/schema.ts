import { z } from 'esp-host';
import { isInt32 } from '#wire';
import { kindSchemas } from '../faults/index.js';
import { httpStubSchema, stubSchema } from '../stubs/index.js';
import type { Operator } from './condition.js';
import type { DataValue } from './values.js';

const INT32_MAX = 0x7fffffff;

const isScalar = (value: unknown): value is string | number => typeof value === 'string' || isInt32(value);

const isValue = (value: unknown): value is DataValue =>
  isScalar(value) ||
  (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isValue));

const SCALAR = 'must be a string (quote phone numbers and templates) or a 32-bit integer';

const scalar = () => z.custom<string | number>(isScalar, SCALAR);
const values = () => z.record(z.string(), z.custom<DataValue>(isValue, `${SCALAR}, or a mapping of these`));

const text = (what: string) => z.string({ error: `must be ${what}` }).min(1, `must be ${what}`);
const stepId = () => z.string().regex(/^[\w-]+$/, 'must be a step id: letters, digits, _ and -');

const json = (schema: z.ZodType): Readonly<Record<string, unknown>> => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
};

/** Expands a bare value to `{ equals: value }`. */
const asEquals = (given: unknown): unknown => (typeof given === 'object' && given !== null ? given : { equals: given });

const condition = z.strictObject({
  empty: z.boolean().optional(),
  equals: scalar().optional(),
  notEquals: scalar().optional(),
  oneOf: z.array(scalar()).min(1, 'must have at least one value').optional(),
  startsWith: z.string().optional(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
} satisfies Record<Operator, z.ZodType>);

/** The keywords of the mapping give way to those of a value or a mapping. */
const comparison = z.preprocess(asEquals, condition).meta({
  ...{ type: undefined, properties: undefined, additionalProperties: undefined },
  anyOf: [{ type: 'string' }, { type: 'number' }, json(condition)],
});

const externalService = z.strictObject({
  appName: text('the AppName of an application').optional(),
  appType: z
    .union([z.string(), z.int32()], { error: 'must be an application type, such as 171 or SocialMS' })
    .optional(),
  service: text('the name of a service, such as Billing'),
  method: text('the name of a method, such as GetBalance'),
  parameters: values().default({}),
  userData: values().optional(),
  timeoutMs: z.int().min(1).max(INT32_MAX).default(10_000),
});

const outcomes = z.strictObject({
  response: z
    .array(
      z.strictObject({
        when: z.record(z.string(), comparison).optional(),
        go: stepId(),
      }),
    )
    .min(1, 'must have at least one branch, such as - go: ID')
    .optional(),
  fault: z.record(z.string(), stepId()).default({}),
  timeout: stepId().optional(),
  lost: stepId().optional(),
});

const waitFor = z.strictObject({
  upstream: text('an upstream of platform.yaml'),
  webhook: z.record(z.string(), z.string({ error: 'must be a text, or a /pattern/' })),
});

const step = z.strictObject({
  id: stepId(),
  waitFor: waitFor.optional(),
  externalService: externalService.optional(),
  save: text('a name for the reply in the data').optional(),
  on: outcomes.optional(),
  assign: values().optional(),
  go: stepId().optional(),
  routeTo: text('the target of the interaction, such as SMS queue').optional(),
});

/** For editors: the kinds of faults that every platform has. Those of a mock have a dot in their name, and any settings. */
const FAULT_KINDS = [...kindSchemas([]).map(json), { properties: { kind: { type: 'string', pattern: '\\.' } } }];

const fault = z.looseObject({ kind: text('a kind of fault, such as upstreamStatus') }).meta({ anyOf: FAULT_KINDS });

/** The longest way to move a clock. */
const CENTURY_MS = 100 * 366 * 86_400_000;

const clock = z.strictObject({
  at: z.iso
    .datetime({ offset: true, error: 'must be a time with its offset, such as 2026-12-24T18:30:00+01:00' })
    .optional()
    .describe('The time at which the case begins.'),
  advanceMs: z
    .record(z.string(), z.int().min(1).max(CENTURY_MS))
    .default({})
    .describe('How far the time moves on before a step, by the id of the step.'),
});

const testCase = z.strictObject({
  name: text('the name of the case'),
  set: z.record(z.string(), scalar()).default({}),
  upstreams: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe('Settings of the mocks of upstreams, by upstream, in place of those in platform.yaml.'),
  faults: z.array(fault).default([]).describe('Faults to inject.'),
  stubs: z
    .record(z.string(), z.array(stubSchema))
    .default({})
    .describe('Stubs by application, before those of its stub file.'),
  upstreamStubs: z
    .record(z.string(), z.array(httpStubSchema))
    .default({})
    .describe('HTTP stubs by upstream, before those of its stub file.'),
  clock: clock.optional().describe('The time of the case.'),
  expect: z.strictObject({
    routedTo: text('the target of the interaction').optional(),
    nowhere: stepId().optional(),
    path: z.array(stepId()).optional(),
    sent: z.record(z.string(), values()).optional(),
    data: values().optional(),
  }),
});

/** Schema of a strategy file. */
export const strategySchema = z.strictObject({
  name: text('the name of the strategy'),
  data: z.record(z.string(), scalar()).default({}),
  steps: z.array(step).min(1, 'must have at least one step'),
  tests: z.array(testCase).default([]),
});

export type StrategyFile = z.output<typeof strategySchema>;
export type StepFile = StrategyFile['steps'][number];
