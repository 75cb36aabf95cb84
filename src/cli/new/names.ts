import { CommandError } from '../errors.js';

/** A new method, with the names of its files and its class. */
export interface MethodName {
  readonly service: string;
  readonly method: string;
  /** `Service.Method`. */
  readonly name: string;
  readonly className: string;
  /** Without extension. */
  readonly file: string;
}

/** Names that a method's file uses for something else. */
const TAKEN = ['EspCall', 'EspMethod', 'EspMethodHandler', 'Index'];

/** @throws CommandError */
export function methodName(text: string): MethodName {
  const [, service, method] = /^([A-Za-z]\w*)\.([A-Za-z]\w*)$/.exec(text) ?? [];
  if (service === undefined || method === undefined) {
    throw new CommandError(
      `'${text}' is not a method: expected Service.Method, such as Billing.GetBalance (letters, digits and _)`,
    );
  }
  const pascal = method.charAt(0).toUpperCase() + method.slice(1);
  const className = TAKEN.includes(pascal) || pascal in globalThis ? `${pascal}Method` : pascal;
  return { service, method, name: text, className, file: kebab(className) };
}

/**
 * Renames the class if a key has its name: in a decorated class, tsc of TypeScript 7.0 renames such keys (`{ Rate: 1 }` in
 * `Rate` becomes `{ Rate_1: 1 }`).
 */
export const apartFrom = (method: MethodName, keys: readonly string[]): MethodName =>
  keys.includes(method.className) ? { ...method, className: `${method.className}Method` } : method;

/** @throws CommandError */
export function pluginName(text: string): string {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text)) return text;
  const suggestion = kebab(text.replaceAll(/[^A-Za-z0-9]+/g, '-')).replaceAll(/^[^a-z]+|-+$/g, '');
  const example = suggestion === '' ? 'billing' : suggestion;
  throw new CommandError(
    `'${text}' is not a plugin name: expected lowercase letters, digits and hyphens, such as ${example}`,
  );
}

/** `GetBalance`, `get_balance` -> `get-balance`; `URLCheck` -> `url-check`. */
export const kebab = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll(/[_-]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .toLowerCase();

/** `sms-gateway` -> `smsGateway` */
export const camel = (name: string): string =>
  name.replaceAll(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
