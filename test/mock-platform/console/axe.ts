import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ConsolePage } from './console-page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds wrong with the page, or a part of it, a line a finding. */
export async function findings({ page }: ConsolePage, part = 'html'): Promise<string[]> {
  // Once a page: sending half a megabyte takes longer than looking.
  if (await page.evaluate('window.axe === undefined')) await page.evaluate(AXE);
  const violations: Violation[] = await page.evaluate(
    `axe.run('${part}', { resultTypes: ['violations'], selectors: false }).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
