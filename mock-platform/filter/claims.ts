/** What a term requires of an exchange, as far as it can contradict another term. */
export type Claim =
  | { readonly about: 'outcome'; readonly oneOf: readonly string[] }
  | {
      readonly about: 'code' | 'ms' | 'id' | 'time';
      readonly least: number;
      readonly most: number;
      /** Its bounds themselves are excluded, or only the upper. */
      readonly open?: boolean;
    };

/** A term on one side of an `or`. */
export interface ClaimingTerm {
  /** As typed, without its minus. */
  readonly typed: string;
  readonly isNegated: boolean;
  readonly claims: readonly Claim[];
}

/** The first two terms that no exchange matches together. */
export function contradiction(terms: readonly ClaimingTerm[]): string | undefined {
  const signs = new Map<string, boolean>();
  const held: { readonly claim: Claim; readonly typed: string }[] = [];
  for (const { typed, isNegated, claims } of terms) {
    const key = typed.toLowerCase();
    if (signs.has(key) && signs.get(key) !== isNegated) return `${typed} -${typed}: no request can match both`;
    signs.set(key, isNegated);
    const own = isNegated ? `-${typed}` : typed;
    const other = held.find(({ claim }) => claims.some((one) => excludes(one, claim)));
    if (other !== undefined) return `${other.typed} ${own}: no request can match both`;
    for (const claim of claims) held.push({ claim, typed: own });
  }
  return undefined;
}

function excludes(one: Claim, other: Claim): boolean {
  if (one.about === 'outcome') {
    return other.about === 'outcome' && !one.oneOf.some((outcome) => other.oneOf.includes(outcome));
  }
  if (other.about === 'outcome' || one.about !== other.about) return false;
  const [least, most] = [Math.max(one.least, other.least), Math.min(one.most, other.most)];
  return least > most || (least === most && (one.open === true || other.open === true));
}
