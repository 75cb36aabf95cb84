import { type Charset, charset } from 'esp-host/wire';

/** A charset that can become another one. */
export class CurrentCharset implements Charset {
  #now: Charset;

  constructor(name: string) {
    this.#now = charset(name);
  }

  use(name: string): void {
    this.#now = charset(name);
  }

  get name(): string {
    return this.#now.name;
  }

  get ascii(): boolean {
    return this.#now.ascii;
  }

  decode(bytes: Buffer, start: number, end: number): string | undefined {
    return this.#now.decode(bytes, start, end);
  }

  encode(text: string): Buffer | undefined {
    return this.#now.encode(text);
  }
}
