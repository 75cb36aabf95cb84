import type { FaultReference } from './faults.js';
import { type FieldReference, type PlacedField, withInner } from './fields.js';
import type { MethodReference, Reference } from './reference.js';

/** The reference as a Markdown page for strategists. */
export function markdown(reference: Reference): string {
  const { application, methods, faults } = reference;
  return [
    `# ESP methods of ${application.name}`,
    `Written by \`esp-host methods --markdown\`. Strategies name the application ${code(application.name)}, or its type ` +
      `${application.type}${typeName(reference)}.`,
    ...methods.map((method) => methodText(method, reference)),
    '## Faults of requests that reach no method',
    faultTable(faults),
  ]
    .join('\n\n')
    .concat('\n');
}

const typeName = ({ application: { type, typeName } }: Reference): string =>
  typeName === String(type) ? '' : ` (${typeName})`;

function methodText(method: MethodReference, reference: Reference): string {
  const { description, warning, idempotent, parameters, response, faults } = method;
  const deadline = deadlineText(method, reference);
  return [
    `## ${method.service}.${method.method}`,
    ...(description === '' ? [] : [oneLine(description)]),
    ...(warning === undefined ? [] : [`> **Warning.** ${oneLine(warning)}`]),
    ...(idempotent ? [] : [ONCE]),
    ...(deadline === undefined ? [] : [deadline]),
    '### Parameters',
    parameters.length === 0 ? 'None.' : parameterTable(parameters),
    '### Response',
    response.length === 0 ? 'Any parameters.' : resultTable(response),
    '### Faults',
    'The method may also answer with faults of its own. CHANNEL is the name of the channel.',
    faultTable(faults),
    '### In a strategy',
    ...inStrategy(method, reference),
  ].join('\n\n');
}

const ONCE =
  '> **Do not retry** after a fault that ends with `is unknown`, fault 900, a fault of Interaction Server, a timeout of ' +
  'the block, or a lost connection: the request may have taken effect. After the other faults below it has not.';

/** Undefined for the deadline of the host. */
function deadlineText({ deadlineMs, ownDeadlineMs }: MethodReference, reference: Reference): string | undefined {
  if (ownDeadlineMs !== undefined) {
    return `Deadline: ${deadlineMs} ms (limits.deadlineMs), although the method asks for ${ownDeadlineMs} ms.`;
  }
  return deadlineMs === reference.deadlineMs ? undefined : `Deadline: ${deadlineMs} ms.`;
}

const parameterTable = (fields: readonly FieldReference[]): string =>
  table(
    ['name', 'type', 'required', 'default', 'meaning'],
    withInner(fields).map((one) => [
      code(one.path),
      typeText(one.field),
      requiredText(one),
      one.field.default === undefined ? '' : code(JSON.stringify(one.field.default)),
      one.field.meaning,
    ]),
  );

const resultTable = (fields: readonly FieldReference[]): string =>
  table(
    ['name', 'type', 'always present', 'meaning'],
    withInner(fields).map((one) => [code(one.path), typeText(one.field), requiredText(one), one.field.meaning]),
  );

/** A key may be required only where the list that contains it is present. */
const requiredText = ({ field, list }: PlacedField): string => {
  if (!field.required) return 'no';
  return list === '' ? 'yes' : `in each ${code(list)}`;
};

const typeText = ({ type, repeated }: FieldReference): string => (repeated ? `${type}, repeatable key` : type);

const faultTable = (faults: readonly FaultReference[]): string =>
  table(
    ['FaultCode', 'FaultString', 'when'],
    faults.map((fault) => [fault.code, code(fault.text), fault.when]),
  );

/** What to enter in the two tools, according to their public documentation. */
function inStrategy(subject: MethodReference, { application }: Reference): string[] {
  const { service, method, deadlineMs, parameters, response } = subject;
  const names = parameters.map(({ name, required }) => `${code(name)}${required ? '' : ' (optional)'}`);
  const asked = names.length === 0 ? 'none' : names.join(', ');
  const results = response.map(({ name }) => code(name)).join(', ');
  return [
    'External Service object of Interaction Routing Designer (it also sends the user data of the interaction):',
    table(
      ['what', 'value'],
      [
        ['Application', `${code(application.name)}, or the type ${code(application.typeName)}`],
        ['Service', code(service)],
        ['Method', code(method)],
        ['Parameters', asked],
      ],
    ),
    "Composer's External Service block (it does not send the user data of the interaction):",
    table(
      ['what', 'value'],
      [
        ['Application', code(application.name)],
        ['Service name', code(service)],
        ['Method name', code(method)],
        ['Method parameters', asked],
        ['User data', 'whatever the method reads'],
        ['Service timeout', `more than ${deadlineMs} ms: the host answers by then, with fault 920 if necessary`],
        ['Result', `a variable for the response${results === '' ? '' : `: ${results}`}`],
        ['Exceptions', 'the faults above'],
      ],
    ),
  ];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n');

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');
const cell = (text: string): string => oneLine(text).replaceAll('|', '\\|');
const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);

/** The reference as plain text, a paragraph per method. */
export function text(reference: Reference): string {
  const paragraphs = reference.methods.map((subject) => {
    const { service, method, description, warning, idempotent, parameters, response } = subject;
    const deadline = deadlineText(subject, reference);
    const takes = parameters.map((field) => (field.required ? signature(field) : `[${signature(field)}]`));
    return [
      [`${service}.${method}`, ...takes].join(' '),
      `  -> ${response.map(signature).join(' ') || 'anything'}`,
      ...(description === '' ? [] : [`  ${description}`]),
      ...(warning === undefined ? [] : [`  Warning: ${warning}`]),
      ...(idempotent ? [] : ['  Not idempotent: a repeated request takes effect twice.']),
      ...(deadline === undefined ? [] : [`  ${deadline}`]),
    ];
  });
  return paragraphs.length === 0 ? 'no methods\n' : paragraphs.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

const signature = ({ name, type, repeated }: FieldReference): string => `${name}:${type}${repeated ? '[]' : ''}`;
