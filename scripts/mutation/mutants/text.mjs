/** A source text and the edits that write its mutants into it. */
export class MutatedText {
  /** One character per byte, as swc counts. */
  #bytes;
  /** The offset that swc gives to the first byte. */
  #base;
  #first;
  #edits = [];
  #lines;
  mutants = [];

  /** @param first the id of the first mutant */
  constructor(text, base, first) {
    this.#bytes = Buffer.from(text).toString('latin1');
    this.#base = base;
    this.#first = first;
  }

  /** The source of a node, or of any other `span`. */
  source({ span }) {
    return this.#bytes.slice(span.start - this.#base, span.end - this.#base);
  }

  /** Adds a mutant. @returns its id */
  add(node, kind, to, fixed) {
    const id = this.#first + this.mutants.length;
    const line = this.#lineOf(node.span.start - this.#base);
    this.mutants.push({ id, line, kind, from: utf8(this.source(node)), to: utf8(to), fixed });
    return id;
  }

  /** Replaces a node by what `write` makes of its text. */
  replace({ span }, write) {
    this.#edit(span.start - this.#base, span.end - this.#base, write);
  }

  /** Inserts a text after the first byte of a node. */
  insertIn({ span }, text) {
    const at = span.start - this.#base + 1;
    this.#edit(at, at, () => text);
  }

  #edit(start, end, write) {
    this.#edits.push({ start, end, write, order: this.#edits.length });
  }

  #lineOf(offset) {
    this.#lines ??= [...this.#bytes.matchAll(/\n/g)].map(({ index }) => index);
    const line = this.#lines.findIndex((end) => end >= offset);
    return (line === -1 ? this.#lines.length : line) + 1;
  }

  toString() {
    const edits = this.#edits.toSorted((a, b) => a.start - b.start || b.end - a.end || a.order - b.order);
    return utf8(this.#written(0, this.#bytes.length, edits));
  }

  #written(start, end, edits) {
    let out = '';
    let at = start;
    for (let i = 0; i < edits.length; ) {
      const edit = edits[i];
      let next = i + 1;
      while (next < edits.length && edits[next].start < edit.end) next++;
      const inside = edits.slice(i + 1, next);
      out += this.#bytes.slice(at, edit.start) + edit.write(this.#written(edit.start, edit.end, inside));
      at = edit.end;
      i = next;
    }
    return out + this.#bytes.slice(at, end);
  }
}

const utf8 = (latin1) => Buffer.from(latin1, 'latin1').toString();
