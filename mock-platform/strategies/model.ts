import type { z } from 'esp-host';
import type { Condition } from './condition.js';
import type { DataValues } from './values.js';

/** A validated strategy: every reference leads to a step, and no step lacks a next one. */
export interface Strategy {
  readonly name: string;
  /** The path of its file, as given. */
  readonly file: string;
  /** The interaction's data before the first step. */
  readonly data: DataValues;
  /** @internal */
  readonly steps: readonly [Step, ...Step[]];
  readonly tests: readonly TestCase[];
}

export type Step = AskStep | AssignStep | RouteStep;

/** An External Service block: sends a request to an ESP server and branches on the outcome. */
export interface AskStep {
  readonly kind: 'externalService';
  readonly id: string;
  /** May contain templates. */
  readonly service: ServiceRequest;
  /** On a platform, the request is sent when this has happened. */
  readonly waitFor?: WaitFor | undefined;
  /** The name in the data for the reply's parameters. */
  readonly save: string | undefined;
  /** The first branch whose conditions all hold is taken. */
  readonly branches: readonly Branch[];
  /** Step ids by FaultCode or `other`. */
  readonly fault: Readonly<Record<string, string>>;
  readonly timeout: string | undefined;
  readonly lost: string | undefined;
}

/** A webhook of the mock of an upstream, which the host has handled. */
export interface WaitFor {
  /** Its name in platform.yaml. */
  readonly upstream: string;
  /** What the webhook is about: texts, or `/patterns/`. */
  readonly webhook: Readonly<Record<string, string>>;
}

/** The request of a step. */
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
  /** Its place in the file, such as `on.response[0]`, or `next step`. */
  readonly name: string;
  readonly when: readonly Condition[];
  readonly go: string;
}

/** Assigns values in the interaction's data. */
export interface AssignStep {
  readonly kind: 'assign';
  readonly id: string;
  /** May contain templates. */
  readonly assign: DataValues;
  readonly go: string;
}

/** Routes the interaction and ends the strategy. */
export interface RouteStep {
  readonly kind: 'routeTo';
  readonly id: string;
  /** May contain templates. */
  readonly routeTo: string;
}

/** One case of a strategy's `tests`. */
export interface TestCase {
  readonly name: string;
  /** Overrides the strategy's data. */
  readonly set: DataValues;
  /** Overrides settings of upstreams in platform.yaml. @internal */
  readonly upstreams: readonly UpstreamSettings[];
  /** Faults to inject, in the order of the file. @internal */
  readonly faults: readonly CaseFault[];
  /** Stubs of applications. @internal */
  readonly stubs: readonly CaseStubs[];
  /** HTTP stubs of upstreams. @internal */
  readonly upstreamStubs: readonly CaseStubs[];
  /** The time of the case. @default that of the machine @internal */
  readonly clock?: CaseTime | undefined;
  readonly expect: Expectation;
}

/** Settings of an upstream in the file. */
export interface UpstreamSettings {
  readonly name: string;
  /** Validates them with the settings schema of the upstream's mock. @throws ConfigError */
  check(schema: z.ZodObject): Record<string, unknown>;
  /** Returns an error with the place of the upstream in the file. It suggests one of `choices` instead of the name. */
  problem(message: string, choices: readonly string[]): Error;
}

/** A fault in the file. */
export interface CaseFault {
  /** In the form of the admin API. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** Returns an error with the place of the fault in the file. */
  problem(message: string): Error;
}

/** Stubs in the file. */
export interface CaseStubs {
  /** The application or the upstream. */
  readonly owner: string;
  /** Valid ones, in the order of the file. */
  readonly definitions: readonly unknown[];
  /** Returns an error with the place of the owner in the file. It suggests one of `choices` instead of the name. */
  problem(message: string, choices: readonly string[]): Error;
}

/** The time of a case. */
export interface CaseTime {
  /** When it begins, in ms since 1970. @default the time of the machine */
  readonly at: number | undefined;
  /** How far the time moves on before a step, by the id of the step. */
  readonly advanceMs: Readonly<Record<string, number>>;
}

/** The expected run. Omitted properties match anything. */
export interface Expectation {
  readonly routedTo?: string | undefined;
  /** The step at which it ends without being routed. */
  readonly nowhere?: string | undefined;
  /** Ids of the steps that ran, in order. */
  readonly path?: readonly string[] | undefined;
  /** Parameters sent by steps, by step id. Additional parameters are allowed. */
  readonly sent?: Readonly<Record<string, DataValues>> | undefined;
  /** Data at the end. Additional names are allowed. */
  readonly data?: DataValues | undefined;
}
