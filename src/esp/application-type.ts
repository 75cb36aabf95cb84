import { intOf, type KeyValueEntry, textOf } from './key-value-list.js';

/** Application types of the Configuration Layer that speak ESP or occur next to it, by number. */
const TYPE_NAMES: ReadonlyMap<number, readonly string[]> = new Map([
  [22, ['Third Party Application']],
  [23, ['Third Party Server']],
  [59, ['Chat Server']],
  [63, ['Contact Server']],
  [64, ['E-Mail Server Java', 'E-mail Server', 'E-Mail Server']],
  [90, ['Classification Server']],
  [111, ['Interaction Server']],
  [171, ['SocialMS', 'Digital Messaging Server']],
]);

/** The name that Interaction Routing Designer shows for a type; its number if the name is unknown. */
export const applicationTypeName = (type: number): string => TYPE_NAMES.get(type)?.[0] ?? String(type);

/** Whether a request's AppType (an int, or a string with a number or a name in any case) means `type`. */
export function isApplicationType(appType: KeyValueEntry, type: number, names = TYPE_NAMES.get(type) ?? []): boolean {
  if (intOf(appType) === type) return true;
  const text = textOf(appType)?.trim().toLowerCase();
  return text !== undefined && names.some((name) => name.toLowerCase() === text);
}
