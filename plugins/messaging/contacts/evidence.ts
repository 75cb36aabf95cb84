/**
 * What the traffic of the site says about a number, the weakest first: if two come from the same moment, the later one of
 * this list counts. `changed-from` and `changed-to`: a customer has left the number, or has it now.
 */
export const EVIDENCE_KINDS = [
  'undeliverable',
  'changed-from',
  'imported',
  'changed-to',
  'message',
  'delivered',
  'read',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export interface Evidence {
  readonly kind: EvidenceKind;
  /** When it happened, in ms since 1970. */
  readonly at: number;
}

/** Evidence about a number in E.164. */
export interface Sighting {
  readonly number: string;
  readonly evidence: Evidence;
}

/** How long evidence counts. 0: not at all. */
export interface Lifetimes {
  readonly confirmedMs: number;
  readonly unconfirmedMs: number;
}

/** How long evidence is kept for channels with these lifetimes. */
export const longest = (all: readonly Lifetimes[]): Lifetimes => ({
  confirmedMs: Math.max(...all.map(({ confirmedMs }) => confirmedMs)),
  unconfirmedMs: Math.max(...all.map(({ unconfirmedMs }) => unconfirmedMs)),
});

/** The kinds that say that a number is not on WhatsApp. */
const UNCONFIRMING: readonly EvidenceKind[] = ['undeliverable', 'changed-from'];

export const confirms = ({ kind }: Evidence): boolean => !UNCONFIRMING.includes(kind);

/** From then on it no longer counts, in ms since 1970. */
export const expiryOf = (evidence: Evidence, { confirmedMs, unconfirmedMs }: Lifetimes): number =>
  evidence.at + (confirms(evidence) ? confirmedMs : unconfirmedMs);

/** Above the number of kinds. */
const STEP = 10;

/** The time and the kind as one number, greater for the evidence that counts. */
export const rankOf = ({ at, kind }: Evidence): number => at * STEP + EVIDENCE_KINDS.indexOf(kind);

/** The evidence of a rank, or undefined if the number is not a rank. */
export function evidenceOf(rank: number): Evidence | undefined {
  const kind = EVIDENCE_KINDS[rank % STEP];
  return Number.isSafeInteger(rank) && kind !== undefined ? { kind, at: Math.floor(rank / STEP) } : undefined;
}

/** The evidence that counts: that of the latest time, in whatever order it came. */
export function newest(...all: readonly (Evidence | undefined)[]): Evidence | undefined {
  let found: Evidence | undefined;
  for (const one of all) {
    if (one !== undefined && (found === undefined || rankOf(one) > rankOf(found))) found = one;
  }
  return found;
}
