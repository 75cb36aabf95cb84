import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parseFields } from '../../../src/cli/new/fields.js';
import { methodName } from '../../../src/cli/new/names.js';
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

it('of a method are its code, its test and a request with what it requires', () => {
  const parameters = parseFields(['Account', 'Count:int', 'Note?']);
  const plan = { method: methodName('Billing.GetBalance'), parameters, response: [], channel: undefined };
  const steps = nextSteps({ ...none, plan });
  expect(steps).toBe(
    '\nNext:\n  implement it in plugins/billing/get-balance.ts\n  npm test\n' +
      '  npx esp-host dev   (reloads the plugin when you save it)\n' +
      '  npx esp-host send Billing GetBalance Account=someAccount Count:=1   (in another terminal)\n' +
      '  npx tsc -p plugins/billing   (before npx esp-host serve)\n',
  );
  expect(nextSteps({ ...none, plan, registered: false })).toBe(
    steps.replace(
      'Next:\n',
      'Next:\n  add GetBalance from ./get-balance.js to the methods of plugins/billing/index.ts\n',
    ),
  );
});
