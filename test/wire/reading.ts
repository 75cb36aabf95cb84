import { FrameReader } from '../../src/wire/index.js';

export const MESSAGE_BYTES = 16 << 20;

/** What came out of a stream, in order: `body <hex>` or `addp <letter> <value>`. */
export class Received {
  readonly units: string[] = [];
  readonly reader: FrameReader;

  constructor(messageBytes = MESSAGE_BYTES) {
    this.reader = new FrameReader(
      {
        body: (bytes, start, end) => this.units.push(bodyUnit(bytes.subarray(start, end))),
        addp: (letter, value) => this.units.push(addpUnit(String.fromCharCode(letter), value)),
      },
      messageBytes,
    );
  }
}

export const bodyUnit = (body: Buffer): string => `body ${body.toString('hex')}`;
export const addpUnit = (letter: string, value: number): string => `addp ${letter} ${value}`;

/** Reads a whole stream that comes in these chunks. */
export function read(...chunks: Buffer[]): string[] {
  const { reader, units } = new Received();
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return units;
}

/** What `run` throws. */
export function thrownBy(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
