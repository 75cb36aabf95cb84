import { stored } from '../state/store.js';

/** The widths of a column in a wide, a medium, a narrow and a tiny list; undefined where it is hidden. */
type Widths = readonly [wide: string, medium?: string, narrow?: string, tiny?: string];

interface ColumnKind {
  readonly title: string;
  readonly widths: Widths;
  /** Unless the user chooses. */
  readonly isUsual: boolean;
}

const share = (part: number): string => `minmax(0, ${part}fr)`;

/** In their order. */
const KINDS = {
  time: { title: 'Time', widths: ['106px', '106px', '66px', '66px'], isUsual: true },
  client: { title: 'Client', widths: ['122px'], isUsual: true },
  application: { title: 'Application', widths: ['132px'], isUsual: true },
  method: { title: 'Service.Method', widths: ['190px', '190px', share(0.8), share(0.7)], isUsual: true },
  parameters: { title: 'Parameters', widths: [share(1.3), share(1.25), share(1.1), share(1)], isUsual: true },
  reply: { title: 'Reply', widths: [share(1), share(1), '44px', '40px'], isUsual: true },
  latency: { title: 'Latency', widths: ['70px', '70px', '64px'], isUsual: true },
  reference: { title: 'ReferenceId', widths: ['118px', '118px'], isUsual: false },
  id: { title: 'Id', widths: ['98px', '98px'], isUsual: false },
} as const satisfies Record<string, ColumnKind>;

export type Column = keyof typeof KINDS;

export const COLUMNS = Object.keys(KINDS) as readonly Column[];

export const titleOf = (column: Column): string => KINDS[column].title;

/** What a request was about. A list keeps one of them, as narrow lists hide most others. */
const TELLING: readonly Column[] = ['method', 'parameters', 'reply'];

export const USUAL: readonly Column[] = COLUMNS.filter((column) => KINDS[column].isUsual);

/** The columns in a saved text, in their order. */
export function columnsIn(text: string | null): readonly Column[] {
  const names = new Set<string>((text ?? '').split(','));
  const found = COLUMNS.filter((column) => names.has(column));
  return found.some((column) => TELLING.includes(column)) ? found : USUAL;
}

/** The chosen columns, separated by commas. */
export const columns = stored<string>('columns', (text) => columnsIn(text).join());

/** Whether the list can do without a column. */
export const isRemovable = (column: Column, shown: readonly Column[]): boolean =>
  shown.some((other) => other !== column && TELLING.includes(other));

/** Adds or removes a column. */
export const withColumn = (shown: readonly Column[], column: Column, isShown: boolean): readonly Column[] =>
  COLUMNS.filter((one) => (one === column ? isShown : shown.includes(one)));

const NARROW_FIRST: readonly Column[] = ['reply', 'time'];

/** In a narrow list, the reply is only its code, and comes after the time. */
const inNarrow = (shown: readonly Column[]): readonly Column[] =>
  shown.toSorted((one, other) => NARROW_FIRST.indexOf(other) - NARROW_FIRST.indexOf(one));

/** The tracks of the grid for each width of the list, as custom properties of CSS. */
export function tracksOf(shown: readonly Column[]): Record<string, string> {
  const tracks = (size: number, order: readonly Column[]): string =>
    order.flatMap((column) => (KINDS[column].widths as Widths)[size] ?? []).join(' ');
  return {
    '--grid-wide': tracks(0, shown),
    '--grid-medium': tracks(1, shown),
    '--grid-narrow': tracks(2, inNarrow(shown)),
    '--grid-tiny': tracks(3, inNarrow(shown)),
  };
}
