import { Command } from 'commander';
import { type EspMessage, messageFromJson, messageToJson } from '../esp/index.js';
import { type Charset, decodeBody, encodeMessage, FrameReader } from '../wire/index.js';
import { DumpDecoder } from './dump-decoder.js';
import { linesOf } from './lines.js';
import { namedCharset } from './named-charset.js';

const MESSAGE_BYTES = 256 << 20;

const DECODE_HELP = `
Hex dumps may be those of tcpdump (-x, -X, -xx), xxd, hexdump -C and Wireshark.
Dumps that follow each other are one stream; TCP packets are put together to
the streams of their connections. ADDP frames are left out, with a note.

Exit code: 0, or 1 where a line was bad (line N: ... on stderr; the others go on).`;

export function wireCommand(): Command {
  const wire = new Command('wire').description('Read and write ESP messages as bytes, a message a line.');
  wire
    .command('decode')
    .description('Turn lines of hex (a whole frame or packet extension), or hex dumps, into lines of JSON.')
    .argument('[file]', 'lines to read', '-')
    .option('--charset <name>', 'of type 0 strings', 'utf-8')
    .addHelpText('after', DECODE_HELP)
    .action((file: string, options: { charset: string }) => decode(file, namedCharset(options.charset)));
  wire
    .command('encode')
    .description('Turn lines of JSON (messageId, referenceId, request, userData) into lines of hex.')
    .argument('[file]', 'lines to read', '-')
    .option('--charset <name>', 'of type 0 strings', 'utf-8')
    .addHelpText('after', '\nExit code: 0, or 1 where a line was bad (line N: ... on stderr; the others go on).')
    .action((file: string, options: { charset: string }) => {
      const set = namedCharset(options.charset);
      return eachLine(file, (line) => {
        process.stdout.write(`${encodeMessage(messageFromJson(parsed(line)), set).toString('hex')}\n`);
      });
    });
  return wire;
}

async function decode(file: string, set: Charset): Promise<void> {
  const print = (message: EspMessage): void => void process.stdout.write(`${JSON.stringify(messageToJson(message))}\n`);
  const dumps = new DumpDecoder(set, {
    message: print,
    problem: complain,
    note: (line, text) => void process.stderr.write(`line ${line}: ${text}\n`),
  });
  const one = decoder(set);
  await eachLine(file, (line, number) => {
    if (dumps.line(line, number)) return;
    dumps.end();
    print(one(line));
  });
  dumps.end();
}

/** @returns a function that reads the one message of a line of hex, and says what is wrong with any other line */
function decoder(set: Charset): (line: string) => EspMessage {
  return (line) => {
    const hex = line.replaceAll(/\s+/g, '');
    if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new Error('this is no hex: two digits a byte');
    const messages: EspMessage[] = [];
    const reader = new FrameReader(
      {
        body: (bytes, start, end) => messages.push(decodeBody(bytes, start, end, set)),
        addp: () => {
          throw new Error('this is an ADDP frame, no message');
        },
      },
      MESSAGE_BYTES,
    );
    reader.push(Buffer.from(hex, 'hex'));
    reader.end();
    const [message] = messages;
    if (message === undefined || messages.length > 1)
      throw new Error(`a line holds one message, not ${messages.length}`);
    return message;
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`this is no JSON: ${(error as Error).message}`);
  }
}

/** Runs `convert` for each line that is not empty; what it throws is said, and the others go on. */
async function eachLine(file: string, convert: (line: string, number: number) => void): Promise<void> {
  let number = 0;
  for await (const text of linesOf(file)) {
    number++;
    const line = text.trim();
    if (line === '') continue;
    try {
      convert(line, number);
    } catch (error) {
      complain(number, (error as Error).message);
    }
  }
}

function complain(line: number, text: string): void {
  process.exitCode = 1;
  process.stderr.write(`line ${line}: ${text}\n`);
}
