import type { JsonMessage } from 'esp-host/client';
import type { ServiceRequest, Strategy } from './model.js';
import type { DataValues } from './values.js';

/** The outcome of a request. */
export type StepOutcome =
  | { readonly kind: 'response'; readonly parameters: DataValues; readonly message?: JsonMessage | undefined }
  | { readonly kind: 'fault'; readonly code: string; readonly text: string; readonly message?: JsonMessage | undefined }
  | { readonly kind: 'timeout' }
  /** The connection was lost or could not be opened; `why` explains. */
  | { readonly kind: 'lost'; readonly why?: string | undefined };

/** A run of a strategy, as plain JSON data. */
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

/** The end of a run: routed, or stopped at a step. */
export type End =
  | { readonly kind: 'routed'; readonly step: string; readonly routedTo: string }
  | { readonly kind: 'nowhere'; readonly step: string; readonly why: string };

/** A completed step; `next` is the step after it. */
export type RunStep = {
  readonly id: string;
  readonly next?: string | undefined;
  readonly durationMs: number;
  /** The interaction's data after the step. */
  readonly data: DataValues;
} & (
  | {
      readonly kind: 'externalService';
      readonly sent: ServiceRequest;
      readonly outcome: StepOutcome;
      /** The branch taken: `on.response[0]`, `on.fault.904`, `on.timeout`, `next step`; undefined if none matched. */
      readonly branch?: string | undefined;
    }
  | { readonly kind: 'assign'; readonly assigned: DataValues }
  | { readonly kind: 'routeTo'; readonly routedTo: string }
);

/** The result of a test case, which passed if there are no differences. */
export interface CaseResult {
  readonly name: string;
  readonly differences: readonly string[];
  readonly run: Run;
  /** Includes starting and stopping the platform. */
  readonly durationMs: number;
}

/** The results of a strategy's cases. */
export interface StrategyResult {
  readonly strategy: Strategy;
  readonly cases: readonly CaseResult[];
}
