import { Command } from 'commander';
import { type EspMessage, messageFromJson, messageToJson } from '../esp/index.js';
import { type Charset, decodeBody, encodeMessage, FrameReader } from '../wire/index.js';
import { linesOf } from './files.js';
import { charsetOption, MESSAGE_BYTES, namedCharset } from './options.js';
import { DumpDecoder } from './wire/dump-decoder.js';

const EXIT_CODE = `
Invalid lines are reported on stderr (line N: ...) and skipped.

Exit code: 0, or 1 if a line was invalid.`;

const DECODE_HELP = `
Hex dumps may be those of tcpdump (-x, -X, -xx), xxd, hexdump -C and Wireshark.
Consecutive dumps form one stream. TCP packets are reassembled by connection.
ADDP frames are skipped, with a note.
${EXIT_CODE}`;

export function wireCommand(): Command {
  const wire = new Command('wire').description('Convert ESP messages between bytes and JSON, one message per line.');
  wire
    .command('decode')
    .description('Convert hex (a frame or packet extension per line), or hex dumps, to JSON.')
    .argument('[file]', 'input file, or - for stdin', '-')
    .addOption(charsetOption())
    .addHelpText('after', DECODE_HELP)
    .action((file: string, options: { charset: string }) => decode(file, namedCharset(options.charset)));
  wire
    .command('encode')
    .description('Convert JSON (messageId, referenceId, request, userData) to hex.')
    .argument('[file]', 'input file, or - for stdin', '-')
    .addOption(charsetOption())
    .addHelpText('after', EXIT_CODE)
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
    problem: report,
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

/** @returns a function that decodes a line of hex with one message */
function decoder(set: Charset): (line: string) => EspMessage {
  return (line) => {
    const hex = line.replaceAll(/\s+/g, '');
    if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new Error('not valid hex: expected two digits per byte');
    const messages: EspMessage[] = [];
    const reader = new FrameReader(
      {
        body: (bytes, start, end) => messages.push(decodeBody(bytes, start, end, set)),
        addp: () => {
          throw new Error('an ADDP frame, not a message');
        },
      },
      MESSAGE_BYTES,
    );
    reader.push(Buffer.from(hex, 'hex'));
    reader.end();
    const [message] = messages;
    if (message === undefined || messages.length > 1)
      throw new Error(`expected one message per line, found ${messages.length}`);
    return message;
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`not valid JSON: ${(error as Error).message}`);
  }
}

/** Runs `convert` for each line that is not empty, and reports errors. */
async function eachLine(file: string, convert: (line: string, number: number) => void): Promise<void> {
  let number = 0;
  for await (const text of linesOf(file)) {
    number++;
    const line = text.trim();
    if (line === '') continue;
    try {
      convert(line, number);
    } catch (error) {
      report(number, (error as Error).message);
    }
  }
}

function report(line: number, text: string): void {
  process.exitCode = 1;
  process.stderr.write(`line ${line}: ${text}\n`);
}
