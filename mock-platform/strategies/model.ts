import type { z } from 'esp-host';
import type { Condition } from './condition.js';
import type { DataValues } from './values.js';

/** A strategy that was read and checked: every `go` leads to a step, and the last step leads on. */
export interface Strategy {
  readonly name: string;
  /** The path of its file, as it was given. */
  readonly file: string;
  /** The interaction's data before the first step. */
  readonly data: DataValues;
  readonly steps: readonly [Step, ...Step[]];
  readonly tests: readonly TestCase[];
}

export type Step = AskStep | AssignStep | RouteStep;

/** An External Service block: asks an ESP server, and goes on as the answer says. */
export interface AskStep {
  readonly kind: 'externalService';
  readonly id: string;
  /** With templates. */
  readonly service: ServiceRequest;
  /** The name in the data under which the reply's parameters are found. */
  readonly save: string | undefined;
  /** The first whose conditions all hold is taken. */
  readonly branches: readonly Branch[];
  /** FaultCode, or `other` -> step. */
  readonly fault: Readonly<Record<string, string>>;
  readonly timeout: string | undefined;
  readonly lost: string | undefined;
}

/** What a step asks for. */
export interface ServiceRequest {
  readonly appName?: string | undefined;
  readonly appType?: string | number | undefined;
  readonly service: string;
  readonly method: string;
  readonly parameters: DataValues;
  readonly userData?: DataValues | undefined;
  readonly timeoutMs: number;
}

export interface Branch {
  /** Where it stands: `on.response[0]`, or `next step`. */
  readonly name: string;
  readonly when: readonly Condition[];
  readonly go: string;
}

/** Puts values into the interaction's data. */
export interface AssignStep {
  readonly kind: 'assign';
  readonly id: string;
  /** With templates. */
  readonly assign: DataValues;
  readonly go: string;
}

/** Where a strategy ends: the interaction is routed. */
export interface RouteStep {
  readonly kind: 'routeTo';
  readonly id: string;
  /** With templates. */
  readonly routeTo: string;
}

/** One case of a strategy's `tests`. */
export interface TestCase {
  readonly name: string;
  /** In place of the strategy's data. */
  readonly set: DataValues;
  /** Settings of upstreams for this case, where they are not as platform.yaml says. */
  readonly upstreams: readonly UpstreamSettings[];
  readonly expect: Expectation;
}

/** Settings of an upstream, as the file has them. */
export interface UpstreamSettings {
  readonly name: string;
  /** Checks them against the settings of the upstream's mock. @throws ConfigError */
  check(schema: z.ZodObject): Record<string, unknown>;
}

/** What is not given may be anything. */
export interface Expectation {
  readonly routedTo?: string | undefined;
  /** The step at which it ends without being routed. */
  readonly nowhere?: string | undefined;
  /** Every step that ran, in order. */
  readonly path?: readonly string[] | undefined;
  /** Parameters that a step sent, by its id; others may be there too. */
  readonly sent?: Readonly<Record<string, DataValues>> | undefined;
  /** Data at the end; other names may be there too. */
  readonly data?: DataValues | undefined;
}
