import type { Entry, JsonEntry, SendRequest } from '../api/types.js';
import { FormProblem } from '../form/values.js';
import { find, findList } from '../message/entries.js';

/**
 * The request of a journal entry as one to send again, the same way. `hostName`: the AppName of the host itself.
 * @throws FormProblem where its lists break the format
 */
export function requestOf(entry: Entry, hostName: string): SendRequest {
  const { message } = entry.request;
  if (message === null) throw new FormProblem(`Request ${entry.id} breaks the format and cannot be sent from here`);
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

function appTypeOf(request: readonly JsonEntry[] | null): string | number | undefined {
  const [, , value] = request?.find(([key]) => key === 'AppType') ?? [];
  return typeof value === 'object' ? undefined : value;
}

/** Digits alone are a type's number, anything else its name. */
export const appTypeFrom = (text: string): string | number | undefined => {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed;
};
