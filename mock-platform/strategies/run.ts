import type { ServiceRequest } from './model.js';
import type { Values } from './values.js';

/** What can come of a request. */
export type StepOutcome =
  | { readonly kind: 'response'; readonly parameters: Values; readonly message?: JsonMessage | undefined }
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
  readonly before: Values;
  readonly after: Values;
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
  readonly data: Values;
} & (
  | {
      readonly kind: 'externalService';
      readonly sent: ServiceRequest;
      readonly came: StepOutcome;
      /** What was taken: `on.response[0]`, `on.fault.904`, `on.timeout`, `next step`; undefined where nothing fits. */
      readonly branch?: string | undefined;
    }
  | { readonly kind: 'assign'; readonly assigned: Values }
  | { readonly kind: 'routeTo'; readonly routedTo: string }
);
