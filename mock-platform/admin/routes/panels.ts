import {
  type MockAction,
  type MockConversations,
  type MockField,
  type MockPanel,
  type MockRowAction,
  z,
} from 'esp-host';
import type { Upstream } from '../../upstreams/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { jsonSchema, jsonSchemaOf } from '../schemas.js';
import { PLUGINS } from './plugins.js';

const field = z.strictObject({
  title: z.string(),
  value: z.string().describe('The key of the value.'),
  as: z.enum(['text', 'code', 'time', 'date', 'status', 'state', 'entry', 'warning']),
  good: z.array(z.string()).describe('The good values of a state.'),
});

export const action = z.strictObject({
  title: z.string(),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  path: z.string().describe('Below /api, with parameters such as :number.'),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  row: z.record(z.string(), z.string()).describe('Keys of the row, by the member that gets the value.'),
  when: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe('Values of the row with which it has the action.'),
  form: jsonSchema().nullable().describe('A JSON Schema of the members to ask for; null if there are none.'),
});

const panel = z
  .strictObject({
    name: z.string().describe('The name of the upstream, or plugins/NAME.'),
    title: z.string(),
    description: z.string().optional(),
    state: z.string().describe('The path of the state that the panel shows, below /api.'),
    sections: z.array(
      z.strictObject({
        title: z.string(),
        description: z.string().optional(),
        fields: z.array(field),
        table: z
          .strictObject({
            rows: z.string().describe('The key of the array.'),
            columns: z.array(field),
            actions: z.array(action),
            search: z.boolean(),
            empty: z.string(),
          })
          .optional(),
        conversations: z
          .strictObject({
            rows: z.string().describe('The key of the array.'),
            title: z.string().describe('The key of the text that names a conversation.'),
            messages: z.string().describe('The key of its messages.'),
            fields: z.array(field),
            actions: z.array(action),
            write: action.nullable(),
            choose: action.nullable(),
            empty: z.string(),
          })
          .optional(),
        actions: z.array(action),
      }),
    ),
  })
  .meta({ id: 'Panel', description: 'A page of the console for an upstream or a plugin.' });

export const answer = z.array(panel);

const EMPTY = 'Nothing yet.';

export const panelRoutes = ({ platform, platform: { upstreams } }: RouteContext): Route[] => [
  route({
    method: 'GET',
    path: '/api/panels',
    summary: 'The pages of the console that upstreams and plugins bring.',
    answer,
    handle: async () => [
      ...upstreams.flatMap(({ name, mock }: Upstream) => (mock.panel === undefined ? [] : [view(name, mock.panel)])),
      ...(await platform.panels()).map(({ plugin, panel }) => view(`${PLUGINS}/${plugin}`, panel)),
    ],
  }),
];

function view(name: string, { title, description, state, sections }: MockPanel): z.input<typeof panel> {
  return {
    name,
    title,
    ...described(description),
    state: `${name}${state.path}`,
    sections: sections.map(({ title, description, fields = [], table, conversations, actions = [] }) => ({
      title,
      ...described(description),
      fields: fields.map(fieldView),
      ...(table === undefined
        ? {}
        : {
            table: {
              rows: table.rows,
              columns: table.columns.map(fieldView),
              actions: (table.actions ?? []).map((one) => actionView(name, one)),
              search: table.search ?? false,
              empty: table.empty ?? EMPTY,
            },
          }),
      ...(conversations === undefined ? {} : { conversations: conversationsView(name, conversations) }),
      actions: actions.map((one) => actionView(name, one)),
    })),
  };
}

const conversationsView = (
  name: string,
  { rows, title, messages, fields = [], actions = [], write, choose, empty = EMPTY }: MockConversations,
) => ({
  ...{ rows, title, messages, empty },
  fields: fields.map(fieldView),
  actions: actions.map((one) => actionView(name, one)),
  write: write === undefined ? null : actionView(name, write),
  choose: choose === undefined ? null : actionView(name, choose),
});

const described = (description: string | undefined) => (description === undefined ? {} : { description });

const fieldView = ({ title, value, as = 'text', good = [] }: MockField): z.input<typeof field> => ({
  ...{ title, value, as },
  good: [...good],
});

export function actionView(name: string, given: MockAction | MockRowAction): z.input<typeof action> {
  const { title, route: target, values = {} } = given;
  const { row = {}, when = {} } = 'row' in given ? given : {};
  const known = new Set([...Object.keys(values), ...Object.keys(row)]);
  return {
    title,
    method: target.method,
    path: `${name}${target.path}`,
    values: { ...values },
    row: { ...row },
    when: { ...when } as Record<string, string | number | boolean>,
    form: formOf([target.params, target.body], known),
  };
}

interface ObjectSchema {
  readonly properties?: Record<string, unknown>;
  readonly required?: readonly string[];
  readonly $defs?: Record<string, unknown>;
}

/** The members of object schemas that are not `known`, in one JSON Schema. Null if there are none. */
function formOf(schemas: readonly (z.ZodType | undefined)[], known: ReadonlySet<string>) {
  const parts: ObjectSchema[] = schemas.flatMap((schema) =>
    schema === undefined ? [] : [jsonSchemaOf(schema) as ObjectSchema],
  );
  const properties = Object.entries(Object.assign({}, ...parts.map((part) => part.properties)) as object);
  const asked = properties.filter(([key]) => !known.has(key));
  if (asked.length === 0) return null;
  return {
    type: 'object',
    properties: Object.fromEntries(asked) as Record<string, unknown>,
    required: parts.flatMap(({ required = [] }) => required).filter((key) => !known.has(key)),
    $defs: Object.assign({}, ...parts.map(({ $defs }) => $defs)) as Record<string, unknown>,
  };
}
