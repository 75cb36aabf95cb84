import { basename, join, relative } from 'node:path';
import { wordOf } from './field.js';
import type { MethodPlan } from './sources.js';

export interface NextSteps {
  readonly folder: string;
  /** Undefined for a plugin without methods. */
  readonly plan: MethodPlan | undefined;
  /** Whether the method stands in the plugin's list. */
  readonly registered: boolean;
  readonly install: boolean;
  /** Whether the project is esp-host itself. */
  readonly isHost: boolean;
}

/** What the user does next, a line a step. */
export function nextSteps({ folder, plan, registered, install, isHost }: NextSteps): string {
  const own = relative(process.cwd(), folder);
  const build = `${isHost ? 'npm run build' : `npx tsc -p ${own}`}   (before npx esp-host serve)`;
  const steps = [
    ...(install ? ['npm install'] : []),
    ...(plan === undefined
      ? [`npx esp-host new method Service.Method --plugin ${basename(folder)}`]
      : methodSteps(own, plan, registered)),
    build,
  ];
  return `\nNext:\n${steps.map((step) => `  ${step}\n`).join('')}`;
}

function methodSteps(folder: string, { method, parameters }: MethodPlan, registered: boolean): string[] {
  const { service, method: name, className, file } = method;
  const words = parameters.filter(({ optional }) => !optional).map(wordOf);
  return [
    ...(registered ? [] : [`add ${className} of ./${file}.js to the methods of ${join(folder, 'index.ts')}`]),
    `write what it does in ${join(folder, `${file}.ts`)}`,
    'npm test',
    'npx esp-host dev   (swaps the plugin as you save it)',
    `npx esp-host send ${[service, name, ...words].join(' ')}   (in another terminal)`,
  ];
}
