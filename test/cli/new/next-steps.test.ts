import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { nextSteps } from '../../../src/cli/new.js';

const folder = join(process.cwd(), 'plugins/billing');
const none = { folder, plan: undefined, registered: true, install: false, isHost: false };

it('of a plugin without methods start with a method', () => {
  expect(nextSteps(none)).toBe(
    '\nNext:\n  npx esp-host new method Service.Method --plugin billing\n' +
      '  npx tsc -p plugins/billing   (before npx esp-host serve)\n',
  );
});

it('start with missing packages; esp-host builds its own plugins', () => {
  const lines = nextSteps({ ...none, install: true, isHost: true }).split('\n');
  expect(lines[2]).toBe('  npm install');
  expect(lines.at(-2)).toBe('  npm run build   (before npx esp-host serve)');
});
