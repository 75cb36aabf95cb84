import { randomBytes } from 'node:crypto';
import { ApiError } from './api-error.js';
import { callsEveryNumberValid } from './contact-lookup.js';
import type { Outbox } from './outbox.js';
import type { Directory } from './phone-number.js';
import type { Phones } from './phones/phones.js';
import type { MessagesRequest } from './requests.js';

/** A template approved by WhatsApp. */
export interface ApprovedTemplate {
  readonly namespace: string;
  readonly name: string;
  /** A code such as `en_US`. */
  readonly language: string;
  /** The text of the message, with placeholders {{1}}, {{2}}, ... */
  readonly body: string;
  /** Cloud API alone, as are the following. Default: UTILITY. */
  readonly category?: string | undefined;
  /** Default: APPROVED. */
  readonly status?: string | undefined;
  /** The header and the buttons, as Cloud API lists them. */
  readonly components?: readonly TemplateComponent[] | undefined;
}

export interface TemplateComponent {
  readonly type: 'HEADER' | 'BUTTONS';
  readonly format?: string | undefined;
  readonly text?: string | undefined;
  readonly buttons?:
    | readonly { readonly type: string; readonly text?: string | undefined; readonly url?: string | undefined }[]
    | undefined;
}

const PLACEHOLDER = /\{\{(\d+)\}\}/g;

/** Number of parameters of a body: its highest placeholder. */
export function parameterCount(body: string): number {
  return Math.max(0, ...[...body.matchAll(PLACEHOLDER)].map(([, number]) => Number(number)));
}

/** Fills the placeholders of a body once; placeholders within parameters are not filled. */
export function filled(body: string, parameters: readonly string[]): string {
  return body.replaceAll(PLACEHOLDER, (placeholder, number: string) => parameters[Number(number) - 1] ?? placeholder);
}

/** Sends approved templates to numbers on WhatsApp. */
export class MessageSending {
  constructor(
    private readonly templates: readonly ApprovedTemplate[],
    private readonly directory: Directory,
    private readonly outbox: Outbox,
    private readonly phones: Phones,
    private readonly now: () => number,
  ) {}

  /** Sends a message as a client of this version does, and returns its id. Throws ApiError. */
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
    // Newer clients accept messages to any number and report the delivery later through a webhook.
    if (!callsEveryNumberValid(version) && !this.directory.has(number)) {
      throw new ApiError('userNotValid', 'Recipient is not a valid WhatsApp user');
    }
    const id = `gBEG${randomBytes(15).toString('base64url')}`;
    const text = filled(body, parameters);
    const message = { id, at: this.now(), to: number, namespace, template: name, language, parameters, text };
    this.outbox.add(message);
    this.phones.receive(message);
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
