import type { ApiTypes, Message, Entry as WireEntry } from '../../admin/index.js';

/** The admin API's data. The types come from its schemas; times are milliseconds since 1970, durations milliseconds. */

export type {
  Changed,
  Entry as JsonEntry,
  EntryKey as JsonKey,
  EntryType,
  Message as JsonMessage,
} from '../../admin/index.js';

/** The console only reads what it gets. */
type Read<T> = T extends WireEntry | Message ? T : T extends object ? { readonly [K in keyof T]: Read<T[K]> } : T;

type Api = { readonly [K in keyof ApiTypes]: Read<ApiTypes[K]> };

/** The part of JSON Schema that forms are made from. */
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
  readonly examples?: readonly unknown[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

export type Status = Api['status'];
export type Method = Status['methods'][number];

export type Configuration = Api['configuration'];
export type Reload = Api['reload'];

export type JournalFound = Api['journalFound'];
export type JournalPage = Api['journalPage'];
/** One line of the journal; its lists are shortened. */
export type Summary = JournalPage['entries'][number];
export type Outcome = Summary['outcome'];
export type Entry = Api['entry'];
export type FrameAndMessage = Entry['request'];
/** Bytes `start` to `end` (exclusive) of a frame. The fields of a nested list have a greater depth. */
export type FrameRange = FrameAndMessage['ranges'][number];
export type Cause = Entry['cause'];
export type LogLine = Entry['logs'][number];
export type UpstreamCall = Entry['upstream'][number];
export type ExportForm = Api['exportForm'];

export type SendRequest = Api['sendRequest'];
export type SendResult = Api['sendResult'];

export type Stub = Api['stub'];
/** A request that a stubbed upstream received. */
export type StubRequest = Api['stubRequest'];
/** The application or the upstream that a stub belongs to. */
export type StubOwner = Pick<Stub, 'application' | 'upstream'>;

/** What makes the platform answer unusually. */
export type Notice = Api['notices'][number];

/** A file that can be edited. */
export type UsedFile = Api['files'][number];
export type FileContent = Api['fileContent'];
export type FileProblem = UsedFile['problems'][number];

export type Faults = Api['faults'];
export type FaultKind = Faults['kinds'][number];
/** An active fault, with the settings of its kind. */
export type FaultRule = Faults['rules'][number];
export type FaultMatch = NonNullable<FaultRule['match']>;

/** The page of a mock. */
export type MockPanel = Api['panels'][number];
export type PanelSection = MockPanel['sections'][number];
export type PanelField = PanelSection['fields'][number];
export type PanelAction = PanelSection['actions'][number];
export type PanelTable = NonNullable<PanelSection['table']>;
export type PanelConversations = NonNullable<PanelSection['conversations']>;

export type StrategyFile = Api['strategy'];
export type StrategyStep = StrategyFile['steps'][number];
export type StrategySweep = Api['strategySweep'];
export type StrategyVariants = Api['strategyVariants'];
export type StrategyTest = Api['strategyTest'];
export type StrategyRun = Api['strategyRun'];
export type RunStep = StrategyRun['steps'][number];

export type Charts = Api['charts'];
export type Bucket = Charts['buckets'][number];
