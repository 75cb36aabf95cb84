import type { IncomingHttpHeaders } from 'node:http';
import type { Container } from 'inversify';
import { z } from 'zod';
import type { Logger } from '../telemetry/index.js';

/** What a plugin brings for the mock platform: the mock of its upstream, and pages of the console. Production never loads it. */

/** An HTTP request to a mock. */
export interface MockRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names are in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A mock's response. */
export interface MockResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as text, anything else as JSON. */
  readonly body?: unknown;
}

/** Handles the HTTP requests to a mock. */
export interface MockHandler {
  /** Returns the response. If it throws, the response is `error` with status 500. */
  respond(request: MockRequest): MockResponse | Promise<MockResponse>;
  /** Returns an error in the upstream's own format: for an invalid request, or a status that a fault demands. */
  error(status: number, details: string): MockResponse;
  /** Returns details of a request for the list of calls, besides method and path. They must contain no secrets. */
  describe?(request: MockRequest): Readonly<Record<string, unknown>>;
}

/** A call that a mock received. */
export interface MockCall {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** The status of the response; `reset` or `hang` if a fault sent none; undefined while the call is pending. */
  readonly status?: number | 'reset' | 'hang';
  /** The journal entry of the request for which the host made the call; undefined if it is unknown. */
  readonly entry?: { readonly id: number; readonly referenceId: number | null };
  /** From `describe`. */
  readonly [detail: string]: unknown;
}

/** A call of the host to an upstream, from the platform's journal. */
export interface JournalledCall {
  /** The id of the journal entry of the request that made the call. */
  readonly entry: number;
  readonly referenceId: number | null;
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  readonly requestBody?: string | undefined;
  readonly responseBody?: string | undefined;
}

/** A webhook of a mock. */
export interface MockWebhook {
  /** Where to: a path of the host's `listeners.webhooks`, such as `/webhooks/orders`, or a URL. */
  readonly to: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, so that a signature can cover it. */
  readonly body: string;
  /** What it is about, by which tests and strategies find it: `{ order: '17', state: 'paid' }`. It must contain no secrets. */
  readonly about: Readonly<Record<string, string>>;
}

/** The answer to a webhook. */
export interface MockWebhookAnswer {
  readonly status: number;
  /** The first 1,000 characters of the body. */
  readonly text: string;
  /**
   * Resolves when the host has handled every event of the webhook; to false if that cannot be known, because the webhook
   * was refused, or went to another URL. Stays pending if the host does not handle them.
   */
  readonly handled: Promise<boolean>;
}

/** What the platform gives to a mock when it starts it. */
export interface MockContext<Settings> {
  /** The mock's key below `upstreams` of platform.yaml. */
  readonly name: string;
  /** The mock's settings, validated by its schema. */
  readonly settings: Settings;
  /** Returns the time in milliseconds since 1970. */
  now(): number;
  /**
   * Starts an HTTP server on 127.0.0.1, at the port in platform.yaml. The platform records its calls and injects faults
   * into them. @returns its URL, without a path
   */
  serve(handler: MockHandler): Promise<string>;
  /** Returns the last calls, oldest first. */
  calls(): readonly MockCall[];
  /** Returns the upstream calls of the requests in the journal, newest request first. */
  journal(): readonly JournalledCall[];
  /** Reports that the mock's state has changed, so that the console loads it again. */
  changed(): void;
  /**
   * Posts a webhook once. Waits up to 10 s for the answer.
   * @throws an error that says why there is no answer: the host has no `listeners.webhooks`, does not answer, or stops
   */
  post(webhook: MockWebhook): Promise<MockWebhookAnswer>;
  /** Writes to the log of the platform. */
  readonly logger: Logger;
}

/** A route that a mock adds to the admin API, below `/api/NAME`. Its schemas validate and document it. */
export interface MockRoute<
  Params extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** For example `/numbers/:number`. An empty path is `/api/NAME` itself. */
  readonly path: string;
  readonly summary: string;
  /** The schema of the parameters in `path`: an object of strings. */
  readonly params?: Params;
  readonly body?: Body;
  readonly answer: Answer;
  /** Handles a request. @throws MockRouteError for an error response */
  handle(input: {
    readonly params: z.output<Params>;
    readonly body: z.output<Body>;
  }): z.input<Answer> | Promise<z.input<Answer>>;
}

/** Defines a route of a mock. Its schemas type the input and the result of `handle`. */
export const mockRoute = <P extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  route: MockRoute<P, B, A>,
): MockRoute<z.ZodType, z.ZodType, A> => ({
  ...route,
  handle: (input) => route.handle(input as Parameters<typeof route.handle>[0]),
});

/**
 * How the console shows a value:
 * - `text`: as it is; an array as a list with commas
 * - `code`: in a monospace font
 * - `time`, `date`: milliseconds since 1970, as a time, or as a date and time
 * - `status`: an HTTP status, `reset` or `hang`; failures stand out
 * - `state`: a word, marked as good if it is one of `good`
 * - `entry`: the `{ id, referenceId }` of a journal entry, as a link
 * - `warning`: a text that stands out
 */
export type MockFormat = 'text' | 'code' | 'time' | 'date' | 'status' | 'state' | 'entry' | 'warning';

/** A value in a panel: a field, or a column of a table. Missing values are shown as a dash, a missing warning not at all. */
export interface MockField<Key extends string = string> {
  readonly title: string;
  /** The key of the value in the state, or in the row. */
  readonly value: Key;
  /** @default 'text' */
  readonly as?: MockFormat;
  /** The good values, for `as: 'state'`. */
  readonly good?: readonly string[];
}

/**
 * A button that calls a route of the mock. If the route's `params` and `body` have members besides those in `values`, the
 * button has a form for them, made from their schemas. A field of the form starts with the value of the same name in the
 * state, or in the row.
 */
export interface MockAction {
  /** The text of the button. */
  readonly title: string;
  /** `params` and `body` must be objects. */
  readonly route: MockRoute;
  /** Fixed values for members of `params` and `body`. */
  readonly values?: Readonly<Record<string, string | number | boolean>>;
}

/** An action on a row of a table, or on a conversation. */
export interface MockRowAction<Key extends string = string> extends MockAction {
  /** Keys of the row, by the member of `params` or `body` that gets the value: `{ number: 'value' }`. */
  readonly row: Readonly<Record<string, Key>>;
  /** Values of the row with which it has the action. @default every row has it */
  readonly when?: Readonly<{ [Name in Key]?: string | number | boolean }>;
}

/** A table in a panel. The console shows the first 200 matching rows. */
export interface MockTable<Rows extends string = string, Key extends string = string> {
  /** The key of an array in the state. Its items are objects, or values that the columns call `value`. */
  readonly rows: Rows;
  readonly columns: readonly MockField<Key>[];
  readonly actions?: readonly MockRowAction<Key>[];
  /** Adds a search field. @default false */
  readonly search?: boolean;
  /** The text for a table without rows. @default 'Nothing yet.' */
  readonly empty?: string;
}

/** Schema of a message of a conversation, for the state of a panel. */
export const mockMessage = z
  .strictObject({
    id: z.string(),
    at: z.number().describe('milliseconds since 1970'),
    own: z.boolean().describe('whether the person whose conversation it is wrote it'),
    title: z.string().optional(),
    text: z.string(),
    choices: z
      .array(
        z.strictObject({
          title: z.string(),
          note: z.string().optional(),
          answers: z.boolean().describe('whether choosing it is an action of the conversation'),
        }),
      )
      .optional(),
    state: z.enum(['sent', 'delivered', 'read', 'failed']).optional().describe('where it is, shown as ticks'),
    note: z.string().optional(),
    entry: z
      .strictObject({ id: z.int(), referenceId: z.int().nullable() })
      .optional()
      .describe('the journal entry of the request that caused it'),
  })
  .meta({ id: 'ConversationMessage' });

/** A message of a conversation. */
export type MockMessage = z.output<typeof mockMessage>;

/** Conversations of people in a panel, one of which is shown as its person sees it. */
export interface MockConversations<Rows extends string = string, Key extends string = string, Messages = string> {
  /** The key of an array in the state, with an object for each conversation. The console shows the first 200. */
  readonly rows: Rows;
  /** The key of the text in the object that names the conversation. It must be unique. */
  readonly title: Key;
  /** The key of the messages in the object, oldest first. Their schema is {@link mockMessage}. */
  readonly messages: Messages;
  readonly fields?: readonly MockField<Key>[];
  readonly actions?: readonly MockRowAction<Key>[];
  /** Writes a message. Its form is below the messages. */
  readonly write?: MockRowAction<Key>;
  /** Chooses one of the `choices` of a message. Its values may also be those of `message` (an id) and `choice` (a title). */
  readonly choose?: MockRowAction<Key | 'message' | 'choice'>;
  /** The text without conversations. @default 'Nothing yet.' */
  readonly empty?: string;
}

/** A section of a panel. */
export interface MockSection<Key extends string = string, Table = MockTable, Conversations = MockConversations> {
  readonly title: string;
  readonly description?: string;
  readonly fields?: readonly MockField<Key>[];
  readonly table?: Table;
  readonly conversations?: Conversations;
  readonly actions?: readonly MockAction[];
}

/** A page of the console for a mock. It is data: the console draws it, and loads it again after `changed()`. */
export interface MockPanel<Section = MockSection> {
  /** The heading, and the name in the navigation. */
  readonly title: string;
  readonly description?: string;
  /** The GET route, without `params`, whose answer is the state that the panel shows. */
  readonly state: MockRoute;
  readonly sections: readonly Section[];
}

type KeyOf<Row> = Row extends object ? keyof Row & string : 'value';

type TableOf<State> = {
  [Key in keyof State & string]: NonNullable<State[Key]> extends readonly (infer Row)[]
    ? MockTable<Key, KeyOf<Row>>
    : never;
}[keyof State & string];

/** The keys of messages in an object. */
type MessagesOf<Row> = {
  [Key in keyof Row & string]: NonNullable<Row[Key]> extends readonly MockMessage[] ? Key : never;
}[keyof Row & string];

type ConversationsOf<State> = {
  [Key in keyof State & string]: NonNullable<State[Key]> extends readonly (infer Row extends object)[]
    ? MockConversations<Key, KeyOf<Row>, MessagesOf<Row>>
    : never;
}[keyof State & string];

type PanelOf<State> = MockPanel<MockSection<keyof State & string, TableOf<State>, ConversationsOf<State>>>;

/**
 * Defines the panel of a mock. The schema of its state types the keys of fields, tables and columns.
 *
 * @example
 * mockPanel({
 *   title: 'Billing',
 *   state: showAccounts, // answers { accounts: [{ account: '17', balance: '10.00' }] }
 *   sections: [
 *     {
 *       title: 'Accounts',
 *       table: {
 *         rows: 'accounts',
 *         columns: [{ title: 'Account', value: 'account', as: 'code' }, { title: 'Balance', value: 'balance' }],
 *         actions: [{ title: 'Set balance', route: setBalance, row: { account: 'account' } }],
 *       },
 *     },
 *   ],
 * })
 */
export const mockPanel = <Answer extends z.ZodType>(
  panel: PanelOf<z.output<Answer>> & { readonly state: MockRoute<z.ZodType, z.ZodType, Answer> },
): MockPanel => panel;

/**
 * Makes a page of the console for a plugin: the default export of the module that `panel` of `definePlugin` imports.
 *
 * @param container that of the plugin, after its `start`
 */
export type PluginPanel = (container: Container) => MockPanel;

/** A kind of fault that only this upstream has, such as an error in its own format. */
export interface MockFault<Settings extends z.ZodObject = z.ZodObject> {
  /** A sentence for the console. */
  readonly description: string;
  /** The settings of a fault of this kind. They must not be called `id`, `kind`, `times`, `method`, `path`, `body` or `match`. */
  readonly settings: Settings;
  /** Whether a fault of this kind can apply to a call. @default every call */
  concerns?(request: MockRequest): boolean;
  /** Returns the response to a call that the fault matches. */
  respond(settings: z.output<Settings>, request: MockRequest): MockResponse | Promise<MockResponse>;
}

/** Defines a kind of fault. Its schema types the settings that `respond` gets. */
export const mockFault = <Settings extends z.ZodObject>(fault: MockFault<Settings>): MockFault => ({
  ...fault,
  respond: (settings, request) => fault.respond(settings as z.output<Settings>, request),
});

/** Something that makes a mock answer unusually, such as the version of an upstream that accepts everything. */
export interface MockNotice {
  /** For example `version 2.45.1`. */
  readonly title: string;
  /** What it does, such as `accepts every account`. */
  readonly effect: string;
  /** Switches it off. `values` must have all members of the route's `params` and `body`. @default it cannot be switched off */
  readonly off?: MockAction;
  /** Whether it decides the answer to a call, whose request then names it as its cause. @default no call */
  concerns?(request: MockRequest): boolean;
}

/** The host that a mock's webhooks go to. */
export interface MockedHost {
  /** Whether config.yaml has `listeners.webhooks`. */
  readonly receivesWebhooks: boolean;
}

/** A running mock. */
export interface Mock<Settings = unknown> {
  /** Environment variables for config.yaml, such as the mock's URL. They override those of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Environment variables for config.yaml that the process may override. */
  readonly defaultEnv?: Readonly<Record<string, string>>;
  /** Routes below `/api/NAME` of the admin API. Those of the panel need not be repeated. */
  readonly routes?: readonly MockRoute[];
  /** A page of the console. */
  readonly panel?: MockPanel;
  /** Kinds of faults. The kind `KEY` of the upstream `NAME` is called `NAME.KEY`. */
  readonly faults?: Readonly<Record<string, MockFault>>;
  /** Returns what makes it answer unusually at the moment. The console shows it in every view. @default nothing */
  notices?(): readonly MockNotice[];
  /** Returns lines for the output of `esp-host mock`. @default its name and URL */
  summary?(): readonly (readonly [title: string, text: string])[];
  /** Returns parameters to try methods with, in the syntax of `esp-host send`: `Messaging.ValidateContact` -> `Id=+1631...`. */
  examples?(): Readonly<Record<string, string>>;
  /** Called when the host runs, before it gets requests. The platform waits for it: for example until webhooks are handled. */
  hostStarted?(host: MockedHost): void | Promise<void>;
  /** Changes some settings to those of a strategy's test case. */
  configure(settings: Partial<Settings>): void | Promise<void>;
  /** Restores the settings that it was started with, and forgets everything since. */
  reset(): void;
  /** Releases what the mock holds besides its HTTP server. */
  stop?(): void | Promise<void>;
}

/** Values by name: strings, integers, and values within values. */
export interface SampleValues {
  readonly [name: string]: string | number | SampleValues;
}

/** A response that `esp-host strategy sweep` forces. */
export interface SampleResponse {
  readonly parameters: SampleValues;
  /** Shown after the response, such as `account closed`. */
  readonly note?: string;
}

/** The usual responses to a request with these parameters. */
export type SampleResponses = (parameters: SampleValues) => readonly SampleResponse[];

/** Settings of a mock that make it answer in another way. */
export interface MockVariant<Settings> {
  /** Such as `2.45.1`. */
  readonly title: string;
  readonly settings: Partial<Settings>;
}

/** Options of {@link defineMock}. */
export interface MockDefinition<Settings extends z.ZodObject = z.ZodObject, Running extends Mock = Mock> {
  /** The mock's key below `upstreams` if there is no platform.yaml. */
  readonly name: string;
  /** The schema of `upstreams.NAME.settings` in platform.yaml. */
  readonly settings: Settings;
  /**
   * By `Service.Method`: the responses that `esp-host strategy sweep` forces first. It derives more from the conditions
   * of the strategy. @default none
   */
  readonly responses?: Readonly<Record<string, SampleResponses>>;
  /** Settings with which the console compares runs of a strategy, such as those of two versions of the API. @default none */
  readonly variants?: readonly MockVariant<z.output<Settings>>[];
  /** Starts the mock. If it throws, the platform does not start. */
  start(context: MockContext<z.output<Settings>>): Promise<Running>;
}

/** Defines a mock: the default export of the module that `mock` of `definePlugin` imports. */
export const defineMock = <Settings extends z.ZodObject, Running extends Mock<z.output<Settings>>>(
  definition: MockDefinition<Settings, Running>,
): MockDefinition<Settings, Running> => definition;
