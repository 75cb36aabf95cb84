import { type EspMessage, type PlainValues, requestOf } from '#wire';

/** A request as a strategy sends it. */
export const request = (service: string, method: string, parameters: PlainValues = {}): EspMessage =>
  requestOf({
    service,
    method,
    appName: 'DMS',
    appType: 171,
    parameters: { _umsChannel: 'whatsapp', Id: '+16315551002', ...parameters },
  });

export const answer = request('Bench', 'Answer');

/** The same with a megabyte in a value that the method ignores, and in one that it reads. */
export const megabyteUnread = request('Bench', 'Answer', { More: 'x'.repeat(1_000_000) });
export const megabyteRead = request('Bench', 'Length', { Text: 'x'.repeat(1_000_000) });

/** A request without the required Id. */
export const withoutId = requestOf({
  service: 'Bench',
  method: 'Answer',
  appName: 'DMS',
  appType: 171,
  parameters: {},
});
