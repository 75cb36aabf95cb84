import { loadYaml } from '#server';
import { Findings } from './findings.js';
import { type StepFile, strategySchema } from './schema.js';

/** What a step asks. */
export type Asked = NonNullable<StepFile['externalService']>;

/** Why no application answers a step. */
export interface Unanswered {
  /** The key at fault. */
  readonly key: 'appName' | 'appType' | 'method';
  /** What is wrong. It follows the name of the key. */
  readonly message: string;
  readonly choices: readonly string[];
  /** What the choices are compared with. */
  readonly word: string;
}

/** Checks that each step of a valid strategy asks a method that an application has. @throws ConfigError */
export function checkAsked(file: string, unanswered: (asked: Asked) => Unanswered | undefined): void {
  const loaded = loadYaml(file, strategySchema);
  const findings = new Findings(loaded);
  for (const [index, { externalService }] of loaded.config.steps.entries()) {
    if (externalService === undefined || hasTemplate(externalService)) continue;
    const found = unanswered(externalService);
    if (found === undefined) continue;
    const { key, message, choices, word } = found;
    findings.add(['steps', index, 'externalService', key], message, choices, word);
  }
  findings.throwAny();
}

/** Names with templates are known only when the strategy runs. */
const hasTemplate = ({ appName, appType, service, method }: Asked): boolean =>
  [appName, appType, service, method].some((name) => String(name).includes('{{'));
