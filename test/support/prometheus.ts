import { execFile, execFileSync } from 'node:child_process';
import { describe, it } from '@jest/globals';

const PRESENT = hasPrometheus();

/** Tests that need Prometheus' programs: a machine without them runs the others, and CI runs them all. */
export const prometheusIt: typeof it | typeof it.skip = PRESENT ? it : it.skip;
export const prometheusDescribe: typeof describe | typeof describe.skip = PRESENT ? describe : describe.skip;

function hasPrometheus(): boolean {
  try {
    for (const program of ['promtool', 'prometheus']) execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    const text = 'no promtool and prometheus here, so alerts are not tested; .ci/run says how to install them';
    if (process.env.CI === 'true') throw new Error(text);
    process.stderr.write(`${text}\n`);
    return false;
  }
}

/** What `promtool ...words` prints, and its exit code. */
export function promtool(words: readonly string[], input = ''): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const child = execFile('promtool', words, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: `${stdout}${stderr}` });
    });
    child.stdin?.end(input);
  });
}
