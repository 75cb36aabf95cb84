import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { injectable } from 'inversify';
import type { Secret } from '../config/index.js';
import type { State } from '../state/index.js';
import type { Logger } from '../telemetry/index.js';
import { PluginDefinitionError, WebhookRefusedError } from './errors.js';

/** A webhook as it arrives. */
export interface WebhookRequest {
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** The body as it was sent, which a signature covers. */
  readonly body: Buffer;
  /** Parses the body. @throws WebhookRefusedError 400 if it is not JSON */
  json(): unknown;
}

/** Something that a webhook reports. */
export interface WebhookEvent<D = unknown> {
  /** The same whenever the event is sent again: duplicates are dropped by it. At most 1,000 characters. */
  readonly id: string;
  /** Events with the same key are handled one after the other, in the order in which they arrived. @default none */
  readonly key?: string | undefined;
  /** JSON, stored until the event is handled. */
  readonly data: D;
}

/** What handling an event may use. */
export interface WebhookCall {
  /**
   * The records of the plugin. Changes are committed together with the end of the event: they happen exactly once, however
   * often `handle` runs.
   */
  readonly state: State;
  /** Its lines name the plugin and the path. */
  readonly logger: Logger;
  /** Fires when the event has taken too long (`limits.deadlineMs`). */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /**
   * Has `run` called once the changes are committed: for metrics and log lines, which would otherwise repeat whenever
   * `handle` runs again. A process that is killed just then does not call it.
   */
  onHandled(run: () => void): void;
}

/**
 * The receiver of the webhooks at one path.
 *
 * @typeParam D the data of its events
 */
export interface WebhookReceiver<D = unknown> {
  /**
   * Checks who sent a webhook, and gives its events. The sender gets 200 when they are stored. Must be quick, as the sender
   * waits for it.
   * @throws WebhookRefusedError for a webhook that must not be accepted. The sender gets status 500 for any other error, and
   * may repeat the webhook
   */
  receive(request: WebhookRequest): readonly WebhookEvent<D>[];
  /**
   * Handles an event that was stored. May run more than once for an event: after an error, and after the process was
   * killed. After too many errors the event is parked until the next start or reload.
   */
  handle(event: WebhookEvent<D>, call: WebhookCall): void | Promise<void>;
  /** Answers a GET by which the sender verifies the URL. Without it, GET is not allowed. @throws WebhookRefusedError */
  verify?(request: Pick<WebhookRequest, 'headers' | 'query'>): string;
}

/** A class with `@Webhook`. */
// biome-ignore lint/suspicious/noExplicitAny: the container calls the constructor, and a receiver gets what it gave
export type WebhookClass<D = any> = new (...injected: any[]) => WebhookReceiver<D>;

const PATH = Symbol.for('esp-host.webhook');

/**
 * Makes a class the receiver of the webhooks at a path of `listeners.webhooks`.
 *
 * @example
 * @Webhook('/webhooks/orders')
 * export class Orders implements WebhookReceiver<Order> { ... }
 * @throws PluginDefinitionError if the path does not begin with a slash, or is not a plain path
 */
export function Webhook(path: string): (target: WebhookClass) => void {
  if (!/^(\/[\w.~-]+)+$/.test(path))
    throw new PluginDefinitionError(`@Webhook needs a path, such as /webhooks/orders, not '${path}'`);
  return (target) => {
    injectable()(target);
    Object.defineProperty(target, PATH, { value: path });
  };
}

/** Undefined if the class has no `@Webhook`. */
export function webhookPath(target: WebhookClass): string | undefined {
  return Object.getOwnPropertyDescriptor(target, PATH)?.value;
}

/** A receiver of a started plugin. */
export interface ReadyWebhook {
  readonly path: string;
  readonly plugin: string;
  readonly receiver: WebhookReceiver;
  readonly logger: Logger;
}

/** The JSON of a body. @throws WebhookRefusedError 400 */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new WebhookRefusedError(400, 'the body is not JSON');
  }
}

const HEX_SHA256 = /^(?:sha256=)?([\da-f]{64})$/i;

/**
 * Whether a signature is the HMAC-SHA256 of a body, in hex, with or without `sha256=` before it. Takes the same time for
 * every signature of that form. Nothing is signed with an empty secret.
 * @param signature the header of the request
 */
export function isSignedWith(secret: Secret, body: Uint8Array, signature: string | string[] | undefined): boolean {
  const [, hex] = HEX_SHA256.exec(String(signature ?? '')) ?? [];
  const key = secret.reveal();
  if (hex === undefined || key === '') return false;
  return timingSafeEqual(createHmac('sha256', key).update(body).digest(), Buffer.from(hex, 'hex'));
}
