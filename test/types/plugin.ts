/** What compiles, and what does not, for the author of a plugin. `npm run typecheck` checks it. Nothing runs it. */
import {
  type Channel,
  Channels,
  type Container,
  defineChannel,
  defineCommand,
  definePlugin,
  type EspCall,
  EspFault,
  EspMethod,
  type EspMethodHandler,
  EspResponse,
  type Got,
  Http,
  IncorrectParameterError,
  inject,
  KeyValueList,
  type Logger,
  optionsToken,
  PluginLogger,
  type Secret,
  type ServiceIdentifier,
  type StoredRecord,
  secret,
  z,
} from 'esp-host';
import { equal } from './equal.js';

const account = z.object({ Account: z.string(), Months: z.int().default(12), Note: z.string().optional() });
const accountAndCurrency = z.object({ Account: z.string(), Currency: z.string() });
const balance = z.object({ Balance: z.string(), Line: z.array(z.object({ Cents: z.int() })).optional() });

const smsChannel = defineChannel(z.strictObject({ type: z.literal('sms'), sender: z.string(), key: secret() }));
const mailChannel = defineChannel(z.looseObject({ type: z.literal('mail'), from: z.email() }));

// The call is typed by the schema, after its defaults.
@EspMethod('Types', 'Call', { parameters: account, response: balance })
class Call implements EspMethodHandler<typeof account, typeof balance> {
  handle(call: EspCall<typeof account>) {
    equal<{ Account: string; Months: number; Note?: string | undefined }>()(call.parameters);
    equal<Channel<unknown>>()(call.channel);
    equal<AbortSignal>()(call.signal);
    equal<KeyValueList>()(call.received);
    // @ts-expect-error: the schema does not name it
    call.parameters.Currency;
    // @ts-expect-error: only the host ends a call
    call.abandon;
    // @ts-expect-error: read only
    call.parameters = { Account: '1', Months: 1 };
    return { Balance: call.parameters.Account };
  }
}

// A handler may know less than the decorator gives it.
@EspMethod('Types', 'Less', { parameters: accountAndCurrency, response: balance, channel: smsChannel })
class Less {
  handle(call: EspCall<z.ZodObject<{ Account: z.ZodString }>>) {
    return { Balance: `${call.parameters.Account} ${call.channel.name}` };
  }
}

// @ts-expect-error: the handler reads a parameter that the decorator does not have
@EspMethod('Types', 'More', { parameters: account, response: balance })
class More {
  handle(call: EspCall<typeof accountAndCurrency>) {
    return { Balance: call.parameters.Currency };
  }
}

// @ts-expect-error: another type of parameter
@EspMethod('Types', 'Other', { parameters: z.object({ Account: z.int() }), response: balance })
class Other {
  handle(call: EspCall<typeof account>) {
    return { Balance: call.parameters.Account };
  }
}

class Interface implements EspMethodHandler<typeof account, typeof balance> {
  // @ts-expect-error: the interface names another schema
  handle(call: EspCall<typeof accountAndCurrency>) {
    return { Balance: call.parameters.Currency };
  }
}

// Every way to answer.
@EspMethod('Types', 'Answers', { parameters: account, response: balance })
class Answers {
  handle({ parameters: { Account } }: EspCall<typeof account>) {
    if (Account === '1') return { Balance: '1', Line: [{ Cents: 5 }] };
    if (Account === '2') return new EspResponse({ Balance: '2' }, { Note: 'n', Raw: new Uint8Array() });
    if (Account === '3') return new EspResponse(new KeyValueList());
    if (Account === '4') return new EspFault('Closed', 'the account is closed');
    if (Account === '5') return new IncorrectParameterError('Account', 'no account');
    return new KeyValueList();
  }
}

// @ts-expect-error: the response lacks its Balance
@EspMethod('Types', 'Lacks', { parameters: account, response: balance })
class Lacks {
  async handle() {
    return { Amount: '1' };
  }
}

// @ts-expect-error: the Balance has another type
@EspMethod('Types', 'Wrong', { parameters: account, response: balance })
class Wrong {
  handle() {
    return { Balance: 5 };
  }
}

// What a response may hold.
const tree = z.object({
  Name: z.string(),
  get Parts() {
    return z.array(tree).optional();
  },
});
EspMethod('Types', 'Lists', { parameters: account, response: tree });
EspMethod('Types', 'Lists', { parameters: account, response: z.looseObject({}) });
EspMethod('Types', 'Lists', { parameters: account, response: z.record(z.string(), z.int()) });
EspMethod('Types', 'Lists', { parameters: account, response: z.object({ A: z.date().transform(String) }) });
EspMethod('Types', 'Lists', { parameters: account, response: z.object({ A: z.instanceof(Uint8Array), B: z.any() }) });
EspMethod('Types', 'Lists', { parameters: account, response: z.union([balance, z.object({ Kind: z.enum(['a']) })]) });

// What it may not.
const responseOf = <R extends z.ZodType>(response: R) => ({ parameters: account, response });
// @ts-expect-error: a Date
EspMethod('Types', 'No', responseOf(z.object({ At: z.date() })));
// @ts-expect-error: a boolean
EspMethod('Types', 'No', responseOf(z.object({ Open: z.boolean() })));
// @ts-expect-error: null
EspMethod('Types', 'No', responseOf(z.object({ Note: z.string().nullable() })));
// @ts-expect-error: a bigint
EspMethod('Types', 'No', responseOf(z.object({ Cents: z.bigint() })));
// @ts-expect-error: a Map
EspMethod('Types', 'No', responseOf(z.object({ Lines: z.map(z.string(), z.string()) })));
// @ts-expect-error: a Set
EspMethod('Types', 'No', responseOf(z.object({ Lines: z.set(z.string()) })));
// @ts-expect-error: a Date in a list in a repeated key
EspMethod('Types', 'No', responseOf(z.object({ Lines: z.array(z.object({ At: z.date() })) })));
// @ts-expect-error: not a list
EspMethod('Types', 'No', responseOf(z.boolean()));

// A channel's settings are typed by its schema.
@EspMethod('Types', 'Channel', { parameters: account, response: balance, channel: smsChannel })
class OnChannel implements EspMethodHandler<typeof account, typeof balance, typeof smsChannel> {
  handle(call: EspCall<typeof account, typeof smsChannel>) {
    equal<{ type: 'sms'; sender: string; key: Secret }>()(call.channel.settings);
    // @ts-expect-error: the schema does not name it
    call.channel.settings.from;
    return { Balance: call.channel.settings.sender };
  }
}

// @ts-expect-error: the decorator has no channel
@EspMethod('Types', 'NoChannel', { parameters: account, response: balance })
class NoChannel {
  handle(call: EspCall<typeof account, typeof smsChannel>) {
    return { Balance: call.channel.settings.sender };
  }
}

// @ts-expect-error: the decorator has another channel
@EspMethod('Types', 'OtherChannel', { parameters: account, response: balance, channel: mailChannel })
class OtherChannel {
  handle(call: EspCall<typeof account, typeof smsChannel>) {
    return { Balance: call.channel.settings.sender };
  }
}

// A channel type of another plugin is named, and its settings are unknown.
@EspMethod('Types', 'NamedChannel', { parameters: account, response: balance, channel: 'fax' })
class NamedChannel {
  handle(call: EspCall<typeof account>) {
    // @ts-expect-error: unknown
    call.channel.settings.sender;
    return { Balance: call.channel.name };
  }
}

// @ts-expect-error: the schema has no literal type
defineChannel(z.strictObject({ sender: z.string() }));
// @ts-expect-error: the type is not a literal
defineChannel(z.strictObject({ type: z.string() }));

// What is injected must be what the parameter takes.
const options = z.strictObject({ url: z.url(), key: secret(), timeoutMs: z.int().default(2000) });
const word: ServiceIdentifier<string> = Symbol('word');

class Injects {
  constructor(
    @inject(optionsToken(options)) given: z.output<typeof options>,
    @inject(optionsToken(options)) partly: { readonly url: string; readonly key?: Secret },
    @inject(Channels) channels: Channels,
    @inject(Http) http: Got,
    @inject(PluginLogger) logger: Logger,
    @inject(word) either: string | number,
  ) {
    equal<readonly Channel<{ type: 'sms'; sender: string; key: Secret }>[]>()(channels.list(smsChannel));
    equal<readonly Channel<unknown>[]>()(channels.list('fax'));
    logger.info(given.url, { partly, http, either });
  }
}

class InjectsWrong {
  constructor(
    // @ts-expect-error: the options have no such key
    @inject(optionsToken(options)) readonly one: { readonly uri: string },
    // @ts-expect-error: of another type
    @inject(optionsToken(options)) readonly two: { readonly url: number },
    // @ts-expect-error: a number is not a string
    @inject(word) readonly three: number,
    // @ts-expect-error: a class that does not fit
    @inject(Channels) readonly four: Logger,
    // @ts-expect-error: nothing is known of this token
    @inject(Symbol('unknown')) readonly five: string,
  ) {}
}

// A command is typed by its schema, and its text by its result.
const list = defineCommand({
  name: 'accounts list',
  summary: 'List accounts.',
  input: z.strictObject({ account: z.string(), months: z.int().default(12) }),
  arguments: ['account'],
  async run({ input, state, signal }) {
    equal<{ account: string; months: number }>()(input);
    equal<AbortSignal>()(signal);
    return state.find<{ Balance: string }>(`account:${input.account}`, { limit: input.months });
  },
  text: (found) => {
    equal<StoredRecord<{ Balance: string }>[]>()(found);
    return '';
  },
});

defineCommand({
  name: 'accounts show',
  summary: 'Show an account.',
  input: z.strictObject({ account: z.string() }),
  // @ts-expect-error: not a key of the input
  arguments: ['customer'],
  run: () => 1,
  // @ts-expect-error: the result is a number
  text: (found: string) => found,
});

definePlugin({
  name: 'types',
  methods: [Call, Less, Answers, OnChannel, NamedChannel],
  commands: [list],
  options,
  channels: [smsChannel, mailChannel],
  bind: (container) => container.bind(Injects).toSelf().inSingletonScope(),
  start: (container: Container) => {
    equal<{ url: string; key: Secret; timeoutMs: number }>()(container.get(optionsToken(options)));
  },
});
// @ts-expect-error: a schema is not a channel type
definePlugin({ name: 'types', methods: [], channels: [z.object({ type: z.literal('sms') })] });
// @ts-expect-error: not a class with a handle()
definePlugin({ name: 'types', methods: [Injects] });

export { InjectsWrong, Interface, Lacks, More, NoChannel, Other, OtherChannel, Wrong };
