import type { FaultReference } from './faults.js';
import type { FieldReference } from './fields.js';
import type { MethodReference, Reference } from './reference.js';

/** The reference as a page for strategists. */
export function markdown(reference: Reference): string {
  const { application, methods, faults } = reference;
  return [
    `# ESP methods of ${application.name}`,
    `Written by \`esp-host methods --markdown\`. A strategy names the application ${code(application.name)}, or its type ` +
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
  return [
    `## ${method.service}.${method.method}`,
    ...(description === '' ? [] : [oneLine(description)]),
    ...(warning === undefined ? [] : [`> **Warning.** ${oneLine(warning)}`]),
    ...(idempotent ? [] : [ONCE]),
    '### Parameters',
    parameters.length === 0 ? 'None that it needs.' : parameterTable(parameters),
    '### Response',
    response.length === 0 ? 'No particular parameters.' : resultTable(response),
    '### Faults',
    'And those of its own that the method may answer with. CHANNEL is the name of the channel.',
    faultTable(faults),
    '### In a strategy',
    ...inStrategy(method, reference),
  ].join('\n\n');
}

const ONCE =
  '> **Do not ask again** after a fault that ends with `is unknown`, fault 900, a fault of Interaction Server, a timeout ' +
  'of the block, or a lost connection: it may have been done, and would be done twice. After the other faults below it ' +
  'was not done.';

const parameterTable = (fields: readonly FieldReference[]): string =>
  table(
    ['name', 'type', 'required', 'default', 'meaning'],
    fields.map((field) => [
      code(field.name),
      typeText(field),
      field.required ? 'yes' : 'no',
      field.default === undefined ? '' : code(JSON.stringify(field.default)),
      field.meaning,
    ]),
  );

const resultTable = (fields: readonly FieldReference[]): string =>
  table(
    ['name', 'type', 'always there', 'meaning'],
    fields.map((field) => [code(field.name), typeText(field), field.required ? 'yes' : 'no', field.meaning]),
  );

const typeText = ({ type, repeated }: FieldReference): string => (repeated ? `${type}, the key may be repeated` : type);

const faultTable = (faults: readonly FaultReference[]): string =>
  table(
    ['FaultCode', 'FaultString', 'when'],
    faults.map((fault) => [fault.code, code(fault.text), fault.when]),
  );

/** What to type where: only what public documentation says of the two tools. */
function inStrategy({ service, method, parameters, response }: MethodReference, reference: Reference): string[] {
  const { application, deadlineMs } = reference;
  const names = parameters.map(({ name, required }) => `${code(name)}${required ? '' : ' (optional)'}`);
  const asked = names.length === 0 ? 'none' : names.join(', ');
  const results = response.map(({ name }) => code(name)).join(', ');
  return [
    'The External Service object of Interaction Routing Designer (it sends the user data of the interaction along):',
    table(
      ['what', 'value'],
      [
        ['Application', `${code(application.name)}, or the type ${code(application.typeName)}`],
        ['Service', code(service)],
        ['Method', code(method)],
        ['Parameters', asked],
      ],
    ),
    "Composer's External Service block (it does not send the user data of the interaction along):",
    table(
      ['what', 'value'],
      [
        ['Application', code(application.name)],
        ['Service name', code(service)],
        ['Method name', code(method)],
        ['Method parameters', asked],
        ['User data', 'what is to go along, where the method reads any'],
        ['Service timeout', `more than ${deadlineMs} ms: by then the host has answered, if need be with fault 920`],
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
