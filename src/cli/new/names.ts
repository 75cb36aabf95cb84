import { CommandFailed } from '../command-failed.js';

/** A method that is to be written, with the names that its files and its class get. */
export interface MethodName {
  readonly service: string;
  readonly method: string;
  /** `Service.Method`. */
  readonly name: string;
  readonly className: string;
  /** Without its ending. */
  readonly file: string;
}

/** What a method's file has beside its class. */
const TAKEN = ['EspCall', 'EspMethod', 'EspMethodHandler', 'Index'];

/** @throws CommandFailed */
export function methodName(text: string): MethodName {
  const [, service, method] = /^([A-Za-z]\w*)\.([A-Za-z]\w*)$/.exec(text) ?? [];
  if (service === undefined || method === undefined) {
    throw new CommandFailed(
      `'${text}' is no method: write Service.Method, such as Billing.GetBalance (letters, digits and _, a letter first)`,
    );
  }
  const pascal = method.charAt(0).toUpperCase() + method.slice(1);
  const className = TAKEN.includes(pascal) || pascal in globalThis ? `${pascal}Method` : pascal;
  return { service, method, name: text, className, file: kebab(className) };
}

/**
 * The same, with a class that has none of these keys' names: what tsc of TypeScript 7.0 makes of a decorated class has
 * keys of its name renamed (`{ Rate: 1 }` within `Rate` to `{ Rate_1: 1 }`).
 */
export const apartFrom = (method: MethodName, keys: readonly string[]): MethodName =>
  keys.includes(method.className) ? { ...method, className: `${method.className}Method` } : method;

/** @throws CommandFailed */
export function pluginName(text: string): string {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text)) return text;
  const meant = kebab(text.replaceAll(/[^A-Za-z0-9]+/g, '-')).replaceAll(/^[^a-z]+|-+$/g, '');
  const hint = meant === '' ? 'such as billing' : `such as ${meant}`;
  throw new CommandFailed(`'${text}' is no name of a plugin: small letters, digits and hyphens, ${hint}`);
}

/** `GetBalance`, `get_balance` -> `get-balance`; `URLCheck` -> `url-check`. */
export const kebab = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll(/[_-]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .toLowerCase();
