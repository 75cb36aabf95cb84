import { describe, expect, it } from '@jest/globals';
import { z } from 'esp-host';
import { type AnyStub, StubList } from '../../../../mock-platform/stubs/index.js';

/** Stubs that match the request of their name, and record which mismatches are described. */
class NamedStubs extends StubList<AnyStub, string, string> {
  readonly described: string[];

  constructor(...names: string[]) {
    const described: string[] = [];
    const kind = {
      schema: z.custom<AnyStub>(),
      subject: () => 'any',
      checks: ({ name = '' }: AnyStub) => [[(request: string) => (request === name ? undefined : missed(name))]],
      reply: () => () => 'reply',
    };
    const missed = (name: string) => () => {
      described.push(name);
      return `not ${name}`;
    };
    super(
      names.map((name) => ({ name, answer: {} })),
      kind,
    );
    this.described = described;
  }

  ask(request: string): string {
    const found = this.find(request);
    return found.stub === undefined ? found.unmatched : found.stub.name;
  }
}

describe('mismatches', () => {
  it('are not described if a stub matches', () => {
    const stubs = new NamedStubs('a', 'b', 'c');
    expect(stubs.ask('c')).toBe('c');
    expect(stubs.described).toEqual([]);
  });

  it('are described only for the nearest stub', () => {
    const stubs = new NamedStubs('a', 'b', 'c');
    expect(stubs.ask('d')).toBe("no stub matched; the nearest was 'a' (any): not a");
    expect(stubs.described).toEqual(['a']);
  });
});
