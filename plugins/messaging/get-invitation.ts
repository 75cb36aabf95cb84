import {
  type EspCall,
  EspMethod,
  type EspMethodHandler,
  ExecutionFailedError,
  IncorrectParameterError,
  inject,
  StateError,
  z,
} from 'esp-host';
import { whatsAppChannel } from './config/index.js';
import { FATE_STATUSES, type Fate, statusOf } from './fate/index.js';
import { WhatsAppChannels } from './whatsapp-channels.js';

const parameters = z.object({
  MessageId: z
    .string()
    .min(1, 'empty')
    .max(256, 'longer than 256 characters')
    .describe('The id that ChatService.InviteToChat returned'),
});

const response = z.object({
  Status: z.enum(FATE_STATUSES).describe('Where the message is: accepted, sent, delivered, read or failed'),
  Since: z.iso.datetime().describe('Since when, in UTC'),
  ErrorCode: z.int().optional().describe("WhatsApp's error code, if it failed"),
});

type Call = EspCall<typeof parameters, typeof whatsAppChannel>;

/** Says where an invitation is. Our own method: Digital Messaging Server has none. */
@EspMethod('ChatService', 'GetInvitation', {
  parameters,
  response,
  channel: whatsAppChannel,
  description:
    'Says whether an invitation was delivered or read, as far as WhatsApp has reported it. Not a method of Digital Messaging Server.',
})
export class GetInvitation implements EspMethodHandler<typeof parameters, typeof response, typeof whatsAppChannel> {
  constructor(@inject(WhatsAppChannels) private readonly channels: WhatsAppChannels) {}

  async handle(call: Call) {
    const fate = await this.#find(call);
    if (fate === undefined) {
      throw new IncorrectParameterError('MessageId', `channel ${call.channel.name} has no record of this message`);
    }
    const { status, at } = statusOf(fate);
    const [error] = status === 'failed' ? (fate.errors ?? []) : [];
    return {
      Status: status,
      Since: new Date(at).toISOString(),
      ...(error === undefined ? {} : { ErrorCode: error.code }),
    };
  }

  async #find({ parameters, channel }: Call): Promise<Fate | undefined> {
    try {
      return await this.channels.of(channel).invitations.find(parameters.MessageId);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      throw new ExecutionFailedError(channel.name, 'the state cannot be read', { cause: error });
    }
  }
}
