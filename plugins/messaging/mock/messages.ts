import { randomBytes } from 'node:crypto';
import { ApiError } from './api-error.js';
import { callsEveryNumberValid } from './contact-lookup.js';
import type { Outbox } from './outbox.js';
import type { Directory } from './phone-number.js';
import type { MessagesRequest } from './requests.js';

/** A template that WhatsApp approved. */
export interface ApprovedTemplate {
  readonly namespace: string;
  readonly name: string;
  /** A code such as `en_US`. */
  readonly language: string;
  /** What the customer reads, with {{1}}, {{2}}, ... where parameters go. */
  readonly body: string;
}

const PLACE = /\{\{(\d+)\}\}/g;

/** How many parameters a body takes: the greatest number in it. */
export function parameterCount(body: string): number {
  return Math.max(0, ...[...body.matchAll(PLACE)].map(([, number]) => Number(number)));
}

/** The body with its parameters in their places: a parameter that looks like a place stays as it is. */
export function filled(body: string, parameters: readonly string[]): string {
  return body.replaceAll(PLACE, (place, number: string) => parameters[Number(number) - 1] ?? place);
}

/** Takes messages to send: templates that are known, to numbers that are on WhatsApp. */
export class MessageSending {
  constructor(
    private readonly templates: readonly ApprovedTemplate[],
    private readonly directory: Directory,
    private readonly outbox: Outbox,
    private readonly now: () => number,
  ) {}

  /** The message's id, as a client of that version gives it. Throws ApiError. */
  send({ to, namespace, name, language, parameters }: MessagesRequest, version: string): { readonly id: string } {
    const number = `+${to}`;
    const { body } = this.#template(namespace, name, language);
    const expected = parameterCount(body);
    if (parameters.length !== expected) {
      const count = `number of localizable_params (${parameters.length})`;
      throw new ApiError(
        'templateParameters',
        `body: ${count} does not match the expected number of params (${expected})`,
      );
    }
    // A client that calls every number valid takes every message, too: what became of it comes later, by a webhook.
    if (!callsEveryNumberValid(version) && !this.directory.has(number)) {
      throw new ApiError('userNotValid', 'Recipient is not a valid WhatsApp user');
    }
    const id = `gBEG${randomBytes(15).toString('base64url')}`;
    const text = filled(body, parameters);
    this.outbox.add({ id, at: this.now(), to: number, namespace, template: name, language, parameters, text });
    return { id };
  }

  #template(namespace: string, name: string, language: string): ApprovedTemplate {
    const named = this.templates.filter((one) => one.namespace === namespace && one.name === name);
    const found = named.find((one) => one.language === language);
    if (found !== undefined) return found;
    const where = named.length === 0 ? `the namespace ${namespace}` : language;
    throw new ApiError('templateMissing', `template name (${name}) does not exist in ${where}`);
  }
}
