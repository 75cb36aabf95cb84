import { CommandFailedError, defineCommand, z } from 'esp-host';
import { expiryOf, keepEvidence, type Lifetimes, raiseShared, type Sighting } from '../contacts/index.js';
import type { BadRow } from './contacts-file.js';
import { readContacts } from './contacts-file.js';
import { channelsOf, decidingBy, lifetimesOf, normaliser, type Stores, withStores } from './stores.js';

/** Bad lines that are reported one by one. */
const REPORTED = 1000;

/** Numbers that a state file commits together. A host beside the command waits meanwhile: with 500, five times as long. */
const AT_ONCE = 100;

const input = z.strictObject({
  file: z.string().describe('CSV file, in UTF-8'),
  column: z.string().optional().describe('column of the number: its name in the first line, or its place from 1'),
  dateColumn: z.string().optional().describe('column of the date'),
  channel: z.string().optional().describe('channel whose country numbers without a plus belong to'),
  international: z.boolean().default(false).describe('numbers begin with the country code, even without a plus'),
});

export const importContacts = defineCommand({
  name: 'contacts import',
  summary: 'Import numbers that are known to be on WhatsApp, from a CSV file.',
  input,
  arguments: ['file'],
  run({ input: { file, column, dateColumn, channel, international }, container, signal }) {
    const channels = channelsOf(container);
    const lifetimes = lifetimesOf(decidingBy(channels));
    const normalise = normaliser(channels, channel);
    const numbers = (text: string) => normalise(international && /^\s*\d/.test(text) ? `+${text.trim()}` : text);
    return withStores(container, async (stores) => {
      const now = Date.now();
      const work = new Import(stores, lifetimes, now);
      for await (const contact of readContacts({ file, column, dateColumn, numbers, now })) {
        if (signal.aborted) break;
        await work.take(contact);
      }
      const result = await work.end();
      if (signal.aborted) throw new CommandFailedError(`interrupted after ${result.imported} numbers`);
      return result;
    });
  },
  text({ imported, tooOld, bad, badLines }) {
    const lines = badLines.map(({ line, reason }) => `line ${line}: ${reason}\n`);
    if (bad > badLines.length) lines.push(`and ${bad - badLines.length} more\n`);
    return `${lines.join('')}imported ${imported} numbers; ${bad} bad lines, ${tooOld} too old to count\n`;
  },
});

/** Writes numbers as they are read, a bounded number at a time. */
class Import {
  #imported = 0;
  #tooOld = 0;
  #bad = 0;
  readonly #badLines: BadRow[] = [];
  #batch: Sighting[] = [];

  constructor(
    private readonly stores: Stores,
    private readonly lifetimes: Lifetimes,
    private readonly now: number,
  ) {}

  async take(contact: Sighting | BadRow): Promise<void> {
    if ('reason' in contact) {
      this.#bad++;
      if (this.#badLines.length < REPORTED) this.#badLines.push(contact);
    } else if (expiryOf(contact.evidence, this.lifetimes) <= this.now) {
      this.#tooOld++;
    } else {
      this.#batch.push(contact);
      if (this.#batch.length >= AT_ONCE) await this.#write();
    }
  }

  async end() {
    await this.#write();
    return { imported: this.#imported, tooOld: this.#tooOld, bad: this.#bad, badLines: this.#badLines };
  }

  /** @throws CommandFailedError */
  async #write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    try {
      await Promise.all(batch.map((contact) => this.#writeOne(contact)));
    } catch (error) {
      const message = `after ${this.#imported} numbers, one could not be written: ${(error as Error).message}`;
      throw new CommandFailedError(message, { cause: error });
    }
    this.#imported += batch.length;
  }

  async #writeOne({ number, evidence }: Sighting): Promise<void> {
    const { state, redis } = this.stores;
    const keepMs = expiryOf(evidence, this.lifetimes) - this.now;
    await Promise.all([
      state && keepEvidence(state, number, evidence, keepMs),
      redis && raiseShared(redis, number, evidence, keepMs),
    ]);
  }
}
