import { randomBytes } from 'node:crypto';

/** Unique secrets: wherever they appear, they were leaked. */
export class Canaries {
  readonly #texts = new Map<string, string>();

  /** A secret of its own, with signs that URLs and JSON write in other ways. */
  make(name: string): string {
    return this.add(name, `cnry+${randomBytes(12).toString('base64url').replaceAll(/[-_]/g, 'x')}/${name}`);
  }

  /** A text from another source. */
  add(name: string, text: string): string {
    this.#texts.set(name, text);
    return text;
  }

  /** The names of the canaries in a text, and their encoding. */
  in(told: string | Buffer): string[] {
    const bytes = Buffer.isBuffer(told) ? told : Buffer.from(told);
    const text = bytes.toString('latin1');
    const lower = text.toLowerCase();
    return [...this.#texts].flatMap(([name, secret]) =>
      formsOf(secret)
        .filter(([how, form]) => (how === 'hex' ? lower : text).includes(form))
        .map(([how]) => `${name} (${how})`),
    );
  }
}

/** What a secret looks like in a text of one byte a sign. */
function formsOf(secret: string): [how: string, form: string][] {
  const bytes = Buffer.from(secret);
  const utf16 = Buffer.from(secret, 'utf16le');
  return [
    ['plain', secret],
    ['JSON', JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
    ['URL', encodeURIComponent(secret)],
    ['hex', bytes.toString('hex')],
    ['UTF-16', utf16.toString('latin1')],
    ['UTF-16', Buffer.from(utf16).swap16().toString('latin1')],
    ['hex of UTF-16', utf16.toString('hex')],
    ['hex of UTF-16', Buffer.from(utf16).swap16().toString('hex')],
    ...[0, 1, 2].map((before): [string, string] => ['Base64', base64Behind(before, bytes)]),
    ...[0, 1, 2].map((before): [string, string] => ['Base64', asUrl(base64Behind(before, bytes))]),
  ];
}

/** The signs that stand for these bytes alone where `before` bytes (of three) stand in front of them. */
function base64Behind(before: number, bytes: Buffer): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  return whole.toString('base64').slice([0, 2, 3][before], Math.floor((whole.length * 8) / 6));
}

const asUrl = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');
