import type { Check, Remark } from './check.js';
import { addp } from './checks/addp.js';
import { connections } from './checks/connections.js';
import { framing } from './checks/framing.js';
import { lists } from './checks/lists.js';
import { replies } from './checks/replies.js';
import { DeviationError } from './errors.js';
import { Subject, type SubjectOptions } from './subject.js';

/** The result of a check. */
export interface ConformResult {
  readonly id: string;
  readonly title: string;
  readonly state: 'ok' | 'deviation' | Remark['state'];
  /** What the server did, or why it was not checked. */
  readonly text?: string;
  /** Of a deviation: what a client of the vendor's SDK notices. */
  readonly notice?: string;
}

const CHECKS: readonly Check[] = [...replies, ...framing, ...lists, ...addp, ...connections];

/** The ids of all checks, in their order. The first must pass before any other. */
export const CHECK_IDS: readonly string[] = CHECKS.map(({ id }) => id);

/**
 * Checks whether a server speaks ESP as clients expect, one thing after the other.
 * @param only ids of checks; the first check is always made @throws ConnectError if the server cannot be reached at first
 */
export async function* conform(
  options: SubjectOptions,
  only: readonly string[] = CHECK_IDS,
): AsyncGenerator<ConformResult> {
  const subject = new Subject(options);
  for (const [index, check] of CHECKS.entries()) {
    if (index > 0 && !only.includes(check.id)) continue;
    const { id, title } = check;
    if (index > 0 && subject.expected === undefined) {
      yield { id, title, state: 'skipped', text: 'the server does not reply to a request' };
      continue;
    }
    yield await resultOf(check, subject, index === 0);
  }
}

async function resultOf(check: Check, subject: Subject, first: boolean): Promise<ConformResult> {
  const { id, title, notice } = check;
  try {
    let remark: Remark | undefined;
    await check.run(subject, (state, text) => {
      remark = { state, text };
    });
    return { id, title, ...(remark ?? { state: 'ok' }) };
  } catch (error) {
    if (first && !(error instanceof DeviationError)) throw error;
    return { id, title, state: 'deviation', text: (error as Error).message, notice };
  }
}
