import { describe, expect, it } from '@jest/globals';

interface Mutant {
  readonly id: number;
  readonly line: number;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly fixed: boolean;
}
interface Mutated {
  readonly text: string;
  readonly mutants: readonly Mutant[];
}
type Mutate = (text: string, options?: { first?: number; tsx?: boolean }) => Mutated;

const place = new URL('../../scripts/mutation/mutants/mutate.mjs', import.meta.url).href;
const { mutate }: { mutate: Mutate } = await import(place);

const changesOf = (text: string) => mutate(text).mutants.map(({ from, to }) => `${from} -> ${to}`);

/** What `return ...` gives without a mutant, and with each of them. */
function values(
  expression: string,
  given: Readonly<Record<string, unknown>> = {},
): { own: unknown; others: unknown[] } {
  const { text, mutants } = mutate(`const made = ${expression};`);
  const run = new Function('$mutant', ...Object.keys(given), `${text} return made;`);
  const at = (active: number) => run((id: number) => id === active, ...Object.values(given));
  return { own: at(-1), others: mutants.map(({ id }) => at(id)) };
}

function ownC(this: { c: number }): number {
  return this.c;
}

describe('the mutants of a text', () => {
  it.each([
    ['a < b', { a: 1, b: 1 }, false, [true, true]],
    ['a + b * 2', { a: 1, b: 2 }, 5, [-3, 2, 7]],
    ['a && !b', { a: true, b: false }, true, [true, false]],
    ['a?.b ?? "none"', { a: { b: 1 } }, 1, ['none', 1, 1]],
    ['a ? 1 : 2', { a: true }, 1, [1, 2, 2, 1]],
    ['`${a} text`', { a: 'some' }, 'some text', ['']],
    ['[1, true]', {}, [1, true], [[], [2, true], [1, false]]],
    ['{ a: -1 }', {}, { a: -1 }, [{}, { a: 1 }]],
    ['a.filter((one) => one > 1).length', { a: [1, 2] }, 1, [2, 2, 1, 0]],
    ['/^a+$/.test(a)', { a: 'baa' }, false, [true, false, false]],
    ['"grün" + a', { a: 1 }, 'grün1', ['1']],
  ])('%s', (expression, given, own, others) => {
    expect(values(expression, given)).toEqual({ own, others });
  });

  it('leave out statements and the bodies of functions', () => {
    const text = 'function f(log) { log.push(1); return log; }';
    const { text: mutated, mutants } = mutate(text);
    const run = (active: number) =>
      new Function('$mutant', `${mutated} return f([]);`)((id: number) => id === active) as unknown;
    expect(mutants.map(({ kind }) => kind)).toEqual(['function', 'statement', 'number']);
    expect([-1, ...mutants.keys()].map(run)).toEqual([[1], undefined, [], [2]]);
  });

  it('do not change types, imports, names and prose', () => {
    const text = `import { a } from 'a';
      type T = 'x' | 'y';
      interface I { readonly b: 'z' }
      export { a } from 'a';
      z.string().describe('What it is.');
      const o = { key: b as 'c', description: 'What it is.', ESP_A_B: 'Why.' } satisfies T;
      const p = new Option('--flag', 'What it does.');
      const ERRORS = { ESP_A: 'Why.', ESP_B: 'Why not.' };
      const help = 'What it counts';
      metrics.counter(name, 'What it counts');
      const left = 'What is ' + 'left';
      const by = 'by kind';
      metrics.gauge(name, left);
      metrics.histogram(name, \`Times \${by}\`);
      @EspMethod(s, m, { warning: 'What to ' + 'know.', parameters }) class Handler {}
      warn({ warning: 'x', ...by });`;
    expect(changesOf(text)).toEqual([
      "z.string().describe('What it is.') -> void 0",
      "{ key: b as 'c', description: 'What it is.', ESP_A_B: 'Why.' } -> {}",
      "metrics.counter(name, 'What it counts') -> void 0",
      'metrics.gauge(name, left) -> void 0',
      'metrics.histogram(name, `Times ${by}`) -> void 0',
      "{ warning: 'What to ' + 'know.', parameters } -> {}",
      "warn({ warning: 'x', ...by }) -> void 0",
      "{ warning: 'x', ...by } -> {}",
      '\'x\' -> ""',
    ]);
  });

  it('keep the receiver of a method call, and the short circuit of a chain', () => {
    expect(changesOf('const v = a?.b.c(1);')).toEqual(['a?.b.c(1) -> a.b.c(1)', '1 -> 2']);
    expect(values('a.b()', { a: { c: 7, b: ownC } }).own).toBe(7);
  });

  it('know their lines, and whether they are decided as the module is loaded', () => {
    const { mutants } = mutate('// grün\nconst a = 1;\nconst f = () => 2;\n', { first: 40 });
    expect(mutants).toMatchObject([
      { id: 40, line: 2, from: '1', fixed: true },
      { id: 41, line: 3, from: '2', fixed: false },
    ]);
  });
});
