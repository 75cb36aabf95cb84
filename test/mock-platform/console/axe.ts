import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ConsolePage } from './console-page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** The findings of axe in a page or a part of it, one per line. */
export async function findings({ page }: ConsolePage, part = 'html'): Promise<string[]> {
  // Inject it once per page: sending half a megabyte takes longer than the check.
  if (await page.evaluate('window.axe === undefined')) await page.evaluate(AXE);
  const violations: Violation[] = await page.evaluate(
    `axe.run('${part}', { resultTypes: ['violations'], selectors: false }).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
