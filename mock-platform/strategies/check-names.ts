import type { Findings, Path } from './findings.js';
import type { StepFile, StrategyFile } from './schema.js';
import { hasBrokenTemplate, templateNames } from './template.js';

const NAME = /^[^{}.\s]+$/;

/** Checks the names in the data, and that each template names one of them. */
export function checkNames(strategy: StrategyFile, findings: Findings): void {
  const given = namesGiven(strategy, findings);
  const check = (path: Path, text: string): void => checkTemplates(path, text, given, findings);
  for (const [index, step] of strategy.steps.entries()) {
    const path = ['steps', index];
    for (const [at, text] of texts(step)) check([...path, ...at], text);
    for (const [at, text] of conditionTexts(step)) check([...path, ...at], text);
    checkSubjects(step, path, findings);
  }
}

/** What is compared is a parameter of the reply by its name, or one template; and it is compared with something. */
function checkSubjects({ on }: StepFile, path: Path, findings: Findings): void {
  for (const [index, { when = {} }] of (on?.response ?? []).entries()) {
    for (const [subject, test] of Object.entries(when)) {
      const at = [...path, 'on', 'response', index, 'when', subject];
      if (subject.includes('{{') && !/^\{\{[^{}]*\}\}$/.test(subject)) {
        findings.add(at, 'must be a parameter of the reply (Id), or one template alone ({{Id}})');
      }
      if (Object.keys(test).length === 0) findings.add(at, 'must be compared: { empty: false }, { startsWith: "+1" }');
    }
  }
}

/** The names that the data has at the start, or that a step puts there. */
function namesGiven({ data, steps }: StrategyFile, findings: Findings): Set<string> {
  const places: [Path, string][] = Object.keys(data).map((name) => [['data', name], name]);
  for (const [index, { assign }] of steps.entries()) {
    for (const name of Object.keys(assign ?? {})) places.push([['steps', index, 'assign', name], name]);
  }
  const names = new Set(places.map(([, name]) => name));
  for (const [index, { save }] of steps.entries()) {
    if (save === undefined) continue;
    const path = ['steps', index, 'save'];
    places.push([path, save]);
    if (names.has(save)) findings.add(path, `would overwrite ${save} in the data: give the reply a name of its own`);
  }
  for (const [path, name] of places) {
    if (!NAME.test(name)) findings.add(path, 'must have a name without spaces, dots and braces');
  }
  return new Set(places.map(([, name]) => name));
}

function checkTemplates(path: Path, text: string, given: ReadonlySet<string>, findings: Findings): void {
  if (hasBrokenTemplate(text)) findings.add(path, 'has braces that are no template: one is written {{Name}}');
  for (const name of templateNames(text)) {
    const [root = ''] = name.split('.');
    if (given.has(root)) continue;
    const known = [...given];
    const message = `names {{${name}}}, which is neither in data nor set by a step (those are ${known.join(', ') || 'none'})`;
    findings.add(path, message, known, root);
  }
}

/** Every text of a step that may hold templates, but for its conditions. */
function texts({ externalService, assign, routeTo }: StepFile): [Path, string][] {
  return [
    ...within(['externalService', 'parameters'], externalService?.parameters),
    ...within(['externalService', 'userData'], externalService?.userData),
    ...within(['assign'], assign),
    ...within(['routeTo'], routeTo),
  ];
}

function conditionTexts({ on }: StepFile): [Path, string][] {
  return (on?.response ?? []).flatMap(({ when = {} }, index) =>
    Object.entries(when).flatMap(([subject, test]): [Path, string][] => {
      const path: Path = ['on', 'response', index, 'when', subject];
      return [[path, subject], ...Object.entries(test).flatMap(([name, operand]) => within([...path, name], operand))];
    }),
  );
}

/** The texts in a value, or in the values of a list. */
function within(path: Path, value: unknown): [Path, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((inner, index) => within([...path, index], inner));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => within([...path, name], inner));
}
