import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';

/**
 * What a plugin brings for the mock platform: a mock of its upstream, the default export of the module that `mock` of
 * `definePlugin` imports. Production never loads it.
 */

/** A request that an upstream gets. */
export interface MockRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A response of a mock. */
export interface MockResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** Answers the requests that the platform's HTTP server gets for a mock. */
export interface MockHandler {
  /** What throws is answered by `error` with status 500. */
  respond(request: MockRequest): MockResponse | Promise<MockResponse>;
  /** The upstream's own form of an error: for what is not a valid request, and for a status that a fault demands. */
  error(status: number, details: string): MockResponse;
  /** What the list of calls shows of a request beside its method and path; nothing secret. */
  describe?(request: MockRequest): Readonly<Record<string, unknown>>;
}

/** A call that an upstream got. */
export interface MockCall {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Of the response; `reset` and `hang` where none was sent; undefined while it is still to come. */
  readonly status?: number | 'reset' | 'hang';
  /** From `describe`. */
  readonly [detail: string]: unknown;
}

/** An upstream call of the host, as the journal of the platform has it. */
export interface JournalledCall {
  /** The id of the exchange that made the call. */
  readonly entry: number;
  readonly referenceId: number | null;
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  readonly requestBody?: string | undefined;
  readonly responseBody?: string | undefined;
}

/** What a mock is started with. */
export interface MockContext<Settings> {
  /** The mock's key below `upstreams` of platform.yaml. */
  readonly name: string;
  readonly settings: Settings;
  /** Milliseconds since 1970. */
  now(): number;
  /** Listens on 127.0.0.1, where platform.yaml says; faults are injected on the way. @returns the URL, without a path */
  serve(handler: MockHandler): Promise<string>;
  /** The last calls that came in, oldest first. */
  calls(): readonly MockCall[];
  /** The upstream calls of the requests in the journal, the newest request first. */
  journal(): readonly JournalledCall[];
  /** Tells the console to load again what the mock shows. */
  changed(): void;
}

/** A path that a mock adds to the admin API, below /api/NAME. Its schemas check what comes in, and document it. */
export interface MockRoute<
  Params extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** For instance `/numbers/:number`; empty for /api/NAME itself. */
  readonly path: string;
  readonly summary: string;
  readonly params?: Params;
  readonly body?: Body;
  readonly answer: Answer;
  /** @throws MockRouteError */
  handle(input: { readonly params: z.output<Params>; readonly body: z.output<Body> }): z.input<Answer>;
}

/** Checks a route against its schemas. */
export const mockRoute = <P extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  route: MockRoute<P, B, A>,
): MockRoute => ({ ...route, handle: (input) => route.handle(input as Parameters<typeof route.handle>[0]) });

/** A mock at work. */
export interface Mock<Settings = unknown> {
  /** Environment variables for config.yaml, such as the mock's URL. They win over those of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Environment variables for config.yaml where the process does not set them. */
  readonly defaultEnv?: Readonly<Record<string, string>>;
  /** Paths below /api/NAME of the admin API. */
  readonly routes?: readonly MockRoute[];
  /** What `esp-host mock` prints about it: a title, and what there is. */
  summary?(): readonly (readonly [title: string, text: string])[];
  /** Parameters to try a method with, as `esp-host send` takes them: `Messaging.ValidateContact` -> `Id=+16315551002`. */
  examples?(): Readonly<Record<string, string>>;
  /** Takes over some of its settings: those of a strategy's test case. */
  configure(settings: Partial<Settings>): void;
  /** Back to the settings that it was started with; forgets what it was told since. */
  reset(): void;
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

/** What `defineMock` takes. */
export interface MockDefinition<Settings extends z.ZodObject = z.ZodObject, Running extends Mock = Mock> {
  /** The mock's key below `upstreams` where there is no platform.yaml, and the platform is made from config.yaml. */
  readonly name: string;
  /** What `upstreams.NAME.settings` of platform.yaml may hold. */
  readonly settings: Settings;
  /**
   * By `Service.Method`: the responses that `esp-host strategy sweep` forces first. It derives more from the conditions
   * of the strategy. @default none
   */
  readonly responses?: Readonly<Record<string, SampleResponses>>;
  start(context: MockContext<z.output<Settings>>): Promise<Running>;
}

/** Defines a mock: the default export of the module that `mock` of `definePlugin` imports. */
export const defineMock = <Settings extends z.ZodObject, Running extends Mock<z.output<Settings>>>(
  definition: MockDefinition<Settings, Running>,
): MockDefinition<Settings, Running> => definition;
