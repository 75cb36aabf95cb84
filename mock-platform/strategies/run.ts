import type { ServiceRequest, Strategy } from './model.js';
import type { DataValues } from './values.js';

/** What can come of a request. */
export type StepOutcome =
  | { readonly kind: 'response'; readonly parameters: DataValues; readonly message?: JsonMessage | undefined }
  | { readonly kind: 'fault'; readonly code: string; readonly text: string; readonly message?: JsonMessage | undefined }
  | { readonly kind: 'timeout' }
  /** The connection ended, or could not be made; `why` says how. */
  | { readonly kind: 'lost'; readonly why?: string | undefined };

/** A message in the JSON form of `messageToJson`. */
export type JsonMessage = ReturnType<typeof import('esp-host/client').messageToJson>;

/** A strategy's way with one interaction: plain data, the same as JSON. */
export interface Run {
  readonly strategy: string;
  readonly file: string;
  /** The interaction's data before the first step, and after the last. */
  readonly before: DataValues;
  readonly after: DataValues;
  readonly steps: readonly RunStep[];
  readonly end: End;
  readonly durationMs: number;
}

export type End =
  | { readonly kind: 'routed'; readonly step: string; readonly routedTo: string }
  | { readonly kind: 'nowhere'; readonly step: string; readonly why: string };

/** One step as it ran; `went` is the step that it led to. */
export type RunStep = {
  readonly id: string;
  readonly went?: string | undefined;
  readonly durationMs: number;
  /** The interaction's data behind the step. */
  readonly data: DataValues;
} & (
  | {
      readonly kind: 'externalService';
      readonly sent: ServiceRequest;
      readonly came: StepOutcome;
      /** What was taken: `on.response[0]`, `on.fault.904`, `on.timeout`, `next step`; undefined where nothing fits. */
      readonly branch?: string | undefined;
    }
  | { readonly kind: 'assign'; readonly assigned: DataValues }
  | { readonly kind: 'routeTo'; readonly routedTo: string }
);

/** The result of a test case: it passed if there are no differences. */
export interface CaseResult {
  readonly name: string;
  readonly differences: readonly string[];
  readonly run: Run;
  /** Includes starting and stopping the platform. */
  readonly durationMs: number;
}

/** A strategy with the results of its cases. */
export interface StrategyResult {
  readonly strategy: Strategy;
  readonly cases: readonly CaseResult[];
}
