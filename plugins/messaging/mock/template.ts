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
