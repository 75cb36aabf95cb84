import type { Findings, Path } from './findings.js';
import type { StepFile, StrategyFile } from './schema.js';
import { hasBrokenTemplate, templateNames } from './template.js';

const NAME = /^[^{}.\s]+$/;

/** Checks the names in the data and that every template refers to one. */
export function checkNames(strategy: StrategyFile, findings: Findings): void {
  const defined = definedNames(strategy, findings);
  const check = (path: Path, text: string): void => checkTemplates(path, text, defined, findings);
  for (const [index, step] of strategy.steps.entries()) {
    const path = ['steps', index];
    for (const [at, text] of texts(step)) check([...path, ...at], text);
    for (const [at, text] of conditionTexts(step)) check([...path, ...at], text);
    checkSubjects(step, path, findings);
  }
}

/** Checks that conditions compare a parameter of the reply or a single template with something. */
function checkSubjects({ on }: StepFile, path: Path, findings: Findings): void {
  for (const [index, { when = {} }] of (on?.response ?? []).entries()) {
    for (const [subject, test] of Object.entries(when)) {
      const at = [...path, 'on', 'response', index, 'when', subject];
      if (subject.includes('{{') && !/^\{\{[^{}]*\}\}$/.test(subject)) {
        findings.add(at, 'must be a parameter of the reply (Id) or a single template ({{Id}})');
      }
      if (Object.keys(test).length === 0)
        findings.add(at, 'must have a comparison, such as { empty: false } or { startsWith: "+1" }');
    }
  }
}

/** Names defined in `data` or by steps. */
function definedNames({ data, steps }: StrategyFile, findings: Findings): Set<string> {
  const places: [Path, string][] = Object.keys(data).map((name) => [['data', name], name]);
  for (const [index, { assign }] of steps.entries()) {
    for (const name of Object.keys(assign ?? {})) places.push([['steps', index, 'assign', name], name]);
  }
  const names = new Set(places.map(([, name]) => name));
  for (const [index, { save }] of steps.entries()) {
    if (save === undefined) continue;
    const path = ['steps', index, 'save'];
    places.push([path, save]);
    if (names.has(save)) findings.add(path, `overwrites ${save} in the data: choose another name for the reply`);
  }
  for (const [path, name] of places) {
    if (!NAME.test(name)) findings.add(path, 'must be a name without spaces, dots and braces');
  }
  return new Set(places.map(([, name]) => name));
}

function checkTemplates(path: Path, text: string, defined: ReadonlySet<string>, findings: Findings): void {
  if (hasBrokenTemplate(text)) findings.add(path, 'has unmatched braces: write templates as {{Name}}');
  for (const name of templateNames(text)) {
    const [root = ''] = name.split('.');
    if (defined.has(root)) continue;
    const known = [...defined];
    const message = `has the unknown name {{${name}}} (known names: ${known.join(', ') || 'none'})`;
    findings.add(path, message, known, root);
  }
}

/** The texts of a step that may contain templates, except its conditions. */
function texts({ waitFor, externalService, assign, routeTo }: StepFile): [Path, string][] {
  return [
    ...within(['waitFor', 'webhook'], waitFor?.webhook),
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

/** All texts in a value, with their paths. */
function within(path: Path, value: unknown): [Path, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((inner, index) => within([...path, index], inner));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => within([...path, name], inner));
}
