import { type EspMessage, type PlainValues, requestOf } from 'esp-host/client';

/** A request as a strategy would send it. */
export const request = (service: string, method: string, parameters: PlainValues = {}): EspMessage =>
  requestOf({
    service,
    method,
    appName: 'DMS',
    appType: 171,
    parameters: { _umsChannel: 'whatsapp', Id: '+16315551002', ...parameters },
  });

export const answer = request('Bench', 'Answer');

/** The same with a megabyte in a value that the method does not read, and in one that it does. */
export const megabyteUnread = request('Bench', 'Answer', { More: 'x'.repeat(1_000_000) });
export const megabyteRead = request('Bench', 'Length', { Text: 'x'.repeat(1_000_000) });

/** A request without its Id, which the method's schema asks for. */
export const withoutId = requestOf({
  service: 'Bench',
  method: 'Answer',
  appName: 'DMS',
  appType: 171,
  parameters: {},
});
