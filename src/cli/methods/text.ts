import type { FieldReference } from './fields.js';
import type { Reference } from './reference.js';

/** A method a paragraph, for a terminal. */
export function text({ methods }: Reference): string {
  const paragraphs = methods.map(({ service, method, description, warning, idempotent, parameters, response }) => {
    const takes = parameters.map((field) => (field.required ? signature(field) : `[${signature(field)}]`));
    return [
      [`${service}.${method}`, ...takes].join(' '),
      `  -> ${response.map(signature).join(' ') || 'anything'}`,
      ...(description === '' ? [] : [`  ${description}`]),
      ...(warning === undefined ? [] : [`  Warning: ${warning}`]),
      ...(idempotent ? [] : ['  A request that is repeated does it twice.']),
    ];
  });
  return paragraphs.length === 0 ? 'no methods\n' : paragraphs.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

const signature = ({ name, type, repeated }: FieldReference): string => `${name}:${type}${repeated ? '[]' : ''}`;
