import { type EspCall, EspMethod, type EspMethodHandler, IncorrectParameterError, inject, z } from 'esp-host';
import { whatsAppChannel } from './config/index.js';
import { PhoneNumbers, phoneNumberParameter, shownId } from './phone-numbers.js';
import { WhatsAppChannels } from './whatsapp-channels.js';

/** Ids are short. Longer texts are neither looked up nor repeated in a fault. */
const text = z.string().max(256, 'longer than 256 characters');

/** Strategies send the empty string for a parameter that they omit. */
const optional = text.transform((given) => (given === '' ? undefined : given));

const parameters = z.object({
  _umsClientId: phoneNumberParameter(
    "The customer's phone number on WhatsApp, or with Cloud API a business-scoped user id (US.1349...)",
  ),
  _umsBusinessId: z.string().describe('The phone number of the business: the number of the channel'),
  StandardResponseId: optional
    .optional()
    .describe("The template to send, from the channel's invitations; default: that of the channel"),
  ChatQueueKey: optional
    .refine((key) => key === undefined || /^\d+:./.test(key), 'not TENANT:ENDPOINT, such as 1:session-WA-sendSR')
    .optional()
    .describe(
      'TENANT:ENDPOINT, the endpoint of Chat Server for the new interaction; only its form is checked: this host creates no interaction',
    ),
});

const response = z.object({ MessageId: z.string().describe('The id that WhatsApp gave the message') });

/** Invites a customer to a chat. (Digital Messaging Server, Outbound interaction from Workflow) */
@EspMethod('ChatService', 'InviteToChat', {
  parameters,
  response,
  channel: whatsAppChannel,
  idempotent: false,
  description: 'Invites a customer to a chat: sends a notification template to a phone number on WhatsApp.',
})
export class InviteToChat implements EspMethodHandler<typeof parameters, typeof response, typeof whatsAppChannel> {
  constructor(@inject(WhatsAppChannels) private readonly channels: WhatsAppChannels) {}

  async handle(call: EspCall<typeof parameters, typeof whatsAppChannel>) {
    const { _umsClientId: client, _umsBusinessId: business, StandardResponseId: id } = call.parameters;
    const channel = this.channels.of(call.channel);
    const { phoneNumber, invitations } = channel;
    if (PhoneNumbers.digits(business) !== PhoneNumbers.digits(phoneNumber)) {
      throw new IncorrectParameterError(
        '_umsBusinessId',
        `the number of channel ${call.channel.name} is ${phoneNumber}`,
      );
    }
    const to = channel.recipient(client);
    if (to === undefined) throw new IncorrectParameterError('_umsClientId', 'not a number that can exist');
    const { referenceId } = call.request;
    const message = await invitations.send({ to, id, referenceId, unless: call.signal });
    if (call.signal.aborted) call.logger.warn(`message ${shownId(message)} was sent after its request ended`);
    return { MessageId: message };
  }
}
