/** The admin API's data, as JSON. Times are milliseconds since 1970, durations milliseconds. */

export type JsonKey = string | { readonly hex: string };
export type EntryType = 'str' | 'strx' | 'utf16' | 'int' | 'bin' | 'list';
export type JsonEntry = readonly [key: JsonKey, type: EntryType, value: string | number | readonly JsonEntry[]];

export interface JsonMessage {
  readonly messageId: number;
  readonly referenceId: number | null;
  readonly request: readonly JsonEntry[] | null;
  readonly userData: readonly JsonEntry[] | null;
}

/** As much of JSON Schema as forms are made from. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Method {
  readonly service: string;
  readonly method: string;
  readonly description?: string;
  /** What to know before it is used. */
  readonly warning?: string;
  /** The method works on a channel of this type, named by `_umsChannel`. */
  readonly channelType?: string;
  readonly parameters: JsonSchema;
  readonly response: JsonSchema;
  readonly application: string;
}

export interface Status {
  readonly application: { readonly name: string; readonly type: number; readonly typeName: string };
  readonly addresses: {
    readonly host: string;
    readonly interactionServer: string;
    readonly whatsapp: string;
    readonly console: string;
  };
  readonly startedAt: number;
  readonly methods: readonly Method[];
}

export interface Configuration {
  readonly applications: readonly {
    readonly name: string;
    readonly type: number;
    readonly typeName: string;
    readonly address: string;
    readonly connected: boolean;
    readonly kind: 'host' | 'stubs' | 'remote' | 'replay';
  }[];
  readonly types: readonly { readonly number: number; readonly name: string }[];
  readonly channels: readonly {
    readonly name: string;
    readonly type: string;
    readonly phoneNumber?: string;
    readonly driver?: string;
    readonly url?: string;
  }[];
  readonly connections: readonly {
    readonly id: string | number;
    readonly peer: string;
    /** Where the platform knows who that is. */
    readonly peerName?: string;
    readonly to: string;
    readonly since: number;
    readonly addp: { readonly timeoutMs: number } | null;
    readonly messagesIn: number;
    readonly messagesOut: number;
  }[];
}

/** Whether changes of the files are taken over, and how the last one went. */
export interface Reload {
  readonly following: boolean;
  readonly last:
    | { readonly kind: 'applied'; readonly at: number }
    | {
        readonly kind: 'refused';
        readonly at: number;
        readonly problems: readonly {
          readonly file: string;
          readonly line: number;
          readonly column: number;
          readonly message: string;
        }[];
      }
    | null;
}

export const OUTCOMES = ['response', 'fault', 'none', 'lost', 'pending'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One line of the journal; its lists are shortened. */
export interface Summary {
  readonly id: number;
  readonly at: number;
  readonly durationMs: number | null;
  readonly client: string;
  readonly via?: string;
  readonly application: string;
  readonly appName?: string;
  readonly appType?: string | number;
  readonly service: string;
  readonly method: string;
  readonly parameters: readonly JsonEntry[];
  readonly outcome: Outcome;
  readonly faultCode?: string | number;
  readonly faultText?: string;
  /** Why there is no answer. */
  readonly why?: string;
  readonly results: readonly JsonEntry[];
  readonly upstreamCalls: number;
  readonly injectedFault?: string;
  readonly stub?: string;
}

/** Bytes `start` to `end` (not included) of a frame, and what they say; what is in a list has a greater depth. */
export interface FrameRange {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly depth: number;
  readonly value?: string | number;
}

export interface FrameAndMessage {
  /** null where its lists break the format. */
  readonly message: JsonMessage | null;
  readonly hex: string;
  readonly ranges: readonly FrameRange[];
}

export interface LogLine {
  readonly at: number;
  readonly level: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface UpstreamCall {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly status?: number;
  readonly error?: string;
  readonly durationMs: number;
  readonly requestBody?: unknown;
  readonly responseBody?: unknown;
}

export interface Entry extends Summary {
  readonly request: FrameAndMessage;
  readonly reply: FrameAndMessage | null;
  readonly logs: readonly LogLine[];
  readonly upstream: readonly UpstreamCall[];
  /** Why no stub answered: how the nearest one differs. */
  readonly explanation?: string;
}

export interface JournalPage {
  readonly total: number;
  readonly entries: readonly Summary[];
}

export type ExportForm = 'send' | 'stub' | 'strategy-case' | 'test';

export interface SendRequest {
  readonly to: 'host' | 'interaction-server';
  readonly appName?: string;
  readonly appType?: number | string;
  readonly service: string;
  readonly method: string;
  readonly parameters: readonly JsonEntry[];
  readonly userData?: readonly JsonEntry[];
  readonly timeoutMs?: number;
}

export type SendResult =
  | { readonly durationMs: number; readonly entry?: number; readonly reply: JsonMessage }
  | { readonly durationMs: number; readonly entry?: number; readonly error: string };

export interface Stub {
  readonly id: string | number;
  readonly application: string;
  readonly name: string;
  readonly scenario?: string;
  readonly hits: number;
  readonly definition: unknown;
}

export interface FaultKind {
  readonly kind: string;
  readonly description: string;
  /** Whether it takes a `match`. */
  readonly match: boolean;
  readonly settings: JsonSchema;
}

/** Texts, or `/patterns/`. */
export interface FaultMatch {
  readonly appName?: string;
  readonly service?: string;
  readonly method?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** A fault that is on; its settings stand beside these. */
export interface FaultRule {
  readonly id: string | number;
  readonly kind: string;
  readonly match?: FaultMatch;
  readonly hits: number;
  readonly times?: number;
  readonly [setting: string]: unknown;
}

export interface Faults {
  readonly kinds: readonly FaultKind[];
  readonly rules: readonly FaultRule[];
}

export interface WhatsApp {
  readonly version: string;
  readonly registeredNumber: string;
  readonly numbers: readonly string[];
  readonly tokens: readonly { readonly expiresAt: number; readonly state: 'valid' | 'expired' }[];
  readonly messages: readonly {
    readonly id: string;
    readonly at: number;
    readonly to: string;
    readonly namespace: string;
    readonly template: string;
    readonly language: string;
    readonly parameters: readonly string[];
    /** What the customer reads. */
    readonly text: string;
    /** The request of the journal that it was sent for, where that is known. */
    readonly entry?: { readonly id: number; readonly referenceId: number | null };
  }[];
  readonly calls: readonly {
    readonly at: number;
    readonly method: string;
    readonly path: string;
    readonly contacts?: number | readonly unknown[];
    readonly status?: number;
  }[];
}

export interface StrategyFile {
  readonly file: string;
  readonly name: string;
  readonly steps: readonly unknown[];
  /** The interaction's data before the first step. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly problems?: readonly unknown[];
}

export interface RunStep {
  readonly id: string;
  readonly kind: string;
  readonly sent?: {
    readonly appName?: string;
    readonly appType?: string | number;
    readonly service: string;
    readonly method: string;
    readonly parameters?: unknown;
  };
  readonly got?: {
    readonly kind: string;
    readonly parameters?: unknown;
    readonly code?: string | number;
    readonly text?: string;
  };
  /** What an assign step put into the data. */
  readonly assigned?: Readonly<Record<string, unknown>>;
  readonly branch?: string;
  readonly next?: string;
  readonly durationMs: number;
}

export interface StrategyRun {
  readonly strategy: string;
  readonly file: string;
  readonly steps: readonly RunStep[];
  readonly routedTo: string | null;
  readonly endedAt: string;
  readonly problem?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Bucket {
  readonly at: number;
  readonly count: number;
  readonly responses: number;
  readonly faults: number;
  readonly lost: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
}

export interface Charts {
  readonly bucketMs: number;
  readonly buckets: readonly Bucket[];
}

export type Changed = 'faults' | 'stubs' | 'whatsapp' | 'configuration' | 'journal' | 'reload';
