import { ConnectionFailedError, type EspCall, EspMethod, type EspMethodHandler, inject, z } from 'esp-host';
import { whatsAppChannel } from './config/index.js';
import { phoneNumberParameter } from './phone-numbers.js';
import { WhatsAppChannels } from './whatsapp-channels.js';

const parameters = z.object({
  Id: phoneNumberParameter('The phone number'),
});

const response = z.object({
  Id: z.string().describe('The number in E.164 if WhatsApp confirmed the contact, else the empty string'),
});

const answer = (confirmed: string | undefined) => ({ Id: confirmed ?? '' });

/** Says whether a phone number uses WhatsApp. (Digital Messaging Server, ESP methods) */
@EspMethod('Messaging', 'ValidateContact', {
  parameters,
  response,
  channel: whatsAppChannel,
  description: 'Says whether a phone number uses WhatsApp.',
  warning:
    'From WhatsApp Business API client 2.43 on, every number is reported as valid: remove the request from strategies ' +
    'that rely on it.',
})
export class ValidateContact implements EspMethodHandler<typeof parameters, typeof response, typeof whatsAppChannel> {
  constructor(@inject(WhatsAppChannels) private readonly channels: WhatsAppChannels) {}

  handle(call: EspCall<typeof parameters, typeof whatsAppChannel>) {
    const channel = this.channels.of(call.channel);
    const number = channel.numbers.normalise(call.parameters.Id);
    if (number === undefined) return { Id: '' };
    const confirmed = channel.confirm(number);
    if (confirmed instanceof Promise) return confirmed.then(answer);
    return confirmed instanceof ConnectionFailedError ? confirmed : answer(confirmed);
  }
}
