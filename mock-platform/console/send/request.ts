import type { Entry, JsonEntry, SendRequest } from '../api/types.js';
import { FormError } from '../form/values.js';
import { find, findList, isMasked, keyText } from '../message/entries.js';

/**
 * The request of a journal entry, to send it again the same way. `hostName` is the host's AppName.
 * @throws FormError if its lists are invalid
 */
export function requestOf(entry: Entry, hostName: string): SendRequest {
  const { message } = entry.request;
  if (message === null) throw new FormError(`Request ${entry.id} is not a valid message and cannot be sent from here`);
  const { request, userData } = message;
  const direct = entry.via === undefined && entry.application === hostName;
  const appName = find(request, 'AppName');
  const appType = appTypeOf(request);
  return {
    to: direct ? 'host' : 'interaction-server',
    ...(appName === undefined ? {} : { appName }),
    ...(appType === undefined ? {} : { appType }),
    service: find(request, 'Service') ?? '',
    method: find(request, 'Method') ?? '',
    parameters: findList(request, 'Parameters'),
    ...(userData === null || userData.length === 0 ? {} : { userData }),
  };
}

/** The keys of the values that the journal masks, such as `Login.Password`. */
export const maskedIn = ({ parameters, userData = [] }: Pick<SendRequest, 'parameters' | 'userData'>): string[] => [
  ...maskedKeys(parameters, ''),
  ...maskedKeys(userData, 'UserData.'),
];

const maskedKeys = (list: readonly JsonEntry[], path: string): string[] =>
  list.flatMap(([key, , value]) => {
    const name = path + keyText(key);
    if (typeof value === 'object') return maskedKeys(value, `${name}.`);
    return isMasked(value) ? [name] : [];
  });

function appTypeOf(request: readonly JsonEntry[] | null): string | number | undefined {
  const [, , value] = request?.find(([key]) => key === 'AppType') ?? [];
  return typeof value === 'object' ? undefined : value;
}

/** Digits are the number of a type, anything else its name. */
export const appTypeFrom = (text: string): string | number | undefined => {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed;
};
