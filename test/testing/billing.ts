import {
  defineChannel,
  definePlugin,
  type EspCall,
  EspFault,
  EspMethod,
  type EspMethodHandler,
  EspResponse,
  ExecutionFailedError,
  z,
} from 'esp-host';

const parameters = z.object({ Account: z.string(), Currency: z.string().default('EUR'), Months: z.int().optional() });
const response = z.object({ Balance: z.string() });

/** A method that calls an upstream. */
@EspMethod('Billing', 'GetBalance', { parameters, response })
export class GetBalance implements EspMethodHandler<typeof parameters, typeof response> {
  async handle(call: EspCall<typeof parameters>) {
    const { Account, Currency } = call.parameters;
    const url = `https://billing.example/accounts/${encodeURIComponent(Account)}`;
    const account = await call.http.get(url, { throwHttpErrors: false });
    if (account.statusCode === 404) throw new EspFault(404, `no account ${Account}`);
    call.logger.info('found it', { account: Account });
    return { Balance: `${JSON.parse(account.body).balance} ${Currency}` };
  }
}

const ledger = defineChannel(z.looseObject({ type: z.literal('ledger'), url: z.url() }));
const charge = z.object({ Cents: z.int(), Note: z.string().optional(), Tags: z.array(z.string()).default([]) });

/** A method on a channel that posts to an upstream, and retries once. */
@EspMethod('Billing', 'Charge', { parameters: charge, response: z.looseObject({}), channel: ledger })
class Charge implements EspMethodHandler<typeof charge, z.ZodType, typeof ledger> {
  async handle(call: EspCall<typeof charge, typeof ledger>) {
    const { url } = call.channel.settings;
    try {
      const { id } = await call.http
        .post(url, {
          json: call.parameters,
          timeout: { request: 50 },
          retry: {
            limit: 1,
            methods: ['POST'],
            statusCodes: [503],
            calculateDelay: ({ computedValue }) => Math.min(computedValue, 1),
          },
        })
        .json<{ id: number }>();
      return new EspResponse(
        { Id: id, Tag: call.parameters.Tags, Of: { Name: call.channel.name } },
        { Charged: 'yes' },
      );
    } catch (error) {
      throw new ExecutionFailedError(call.channel.name, (error as Error).message);
    }
  }
}

export default definePlugin({
  name: 'billing',
  options: z.strictObject({ limit: z.int().default(5) }),
  channels: [ledger],
  methods: [GetBalance, Charge],
});
