import type { Entry, JsonEntry, SendRequest, Summary } from '../api/types.js';
import { find, findList } from '../message/entries.js';

/** The request of a journal entry as one to send again, the same way. `hostName`: the AppName of the host itself. */
export function requestOf(entry: Entry, hostName: string): SendRequest {
  const { request, userData } = entry.request.message;
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

/** The entry of the journal that a request made: the first after `lastId` that asked for the same. */
export function entryOf(sent: SendRequest, entries: readonly Summary[], lastId: number): Summary | undefined {
  const parameters = JSON.stringify(sent.parameters);
  const same = entries.filter(
    ({ id, service, method }) => id > lastId && service === sent.service && method === sent.method,
  );
  // Long lists are shortened in the journal: then the names must do.
  return same.findLast((entry) => JSON.stringify(entry.parameters) === parameters) ?? same.at(-1);
}
