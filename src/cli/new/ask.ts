import { createInterface } from 'node:readline/promises';
import { FIELD_FORM, type Field, parseField } from './field.js';

/** Asks for what was not given; each question until it is answered, or stdin ends. */
export class Questions {
  readonly #lines = createInterface({ input: process.stdin, output: process.stderr });
  readonly #answers = this.#lines[Symbol.asyncIterator]();

  constructor() {
    this.#lines.on('SIGINT', () => process.exit(130));
  }

  /** Fields, one a line; an empty line ends them. */
  async fields(what: string): Promise<Field[]> {
    process.stderr.write(`${what}, one a line (${FIELD_FORM}); an empty line ends them.\n`);
    const fields: Field[] = [];
    for (let text = await this.#ask(); text !== ''; text = await this.#ask()) {
      try {
        const field = parseField(text);
        if (fields.some(({ name }) => name === field.name)) process.stderr.write(`${field.name} is there already\n`);
        else fields.push(field);
      } catch (error) {
        process.stderr.write(`${(error as Error).message}\n`);
      }
    }
    return fields;
  }

  close(): void {
    this.#lines.close();
  }

  async #ask(): Promise<string> {
    this.#lines.setPrompt('> ');
    this.#lines.prompt();
    const { value, done } = await this.#answers.next();
    return done ? '' : value.trim();
  }
}
