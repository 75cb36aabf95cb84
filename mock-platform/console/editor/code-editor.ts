import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
  pickedCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, forceLinting, linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { FileProblem, JsonSchema } from '../api/types.js';
import { commonEnds } from '../diff/lines.js';
import { type Completion, completionsAt } from './completion.js';

export interface CodeEditorOptions {
  readonly text: string;
  /** Names the field. */
  readonly label: string;
  readonly schema: JsonSchema;
  check(text: string): Promise<readonly FileProblem[]>;
  changed(text: string): void;
  save(): void;
}

/** A code editor, which keeps its history, selection and scroll position while it is not in the page. */
export interface CodeEditor {
  readonly element: HTMLElement;
  /** Replaces the text; can be undone. Does nothing if it is the same. */
  replace(text: string): void;
  /** Moves the caret, and selects this many characters. Line and column count from 1. */
  show(line: number, column: number, length?: number): void;
  undo(): void;
  redo(): void;
}

/** In a shadow tree, styles come from constructed sheets, which the page's policy allows; style elements are not. */
export function createEditor(options: CodeEditorOptions): CodeEditor {
  const element = document.createElement('div');
  element.className = 'code-editor';
  const root = element.attachShadow({ mode: 'open' });
  const lineSeparator = options.text.includes('\r\n') ? '\r\n' : '\n';
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({ doc: options.text, extensions: extensions(options, lineSeparator) }),
  });
  return {
    element,
    replace: (text) => replace(view, text, lineSeparator),
    show(line, column, length = 0) {
      const at = offsetOf(view.state.doc, line, column);
      const head = offsetOf(view.state.doc, line, column + length);
      view.dispatch({ selection: { anchor: at, head }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      view.focus();
    },
    undo: () => undo(view),
    redo: () => redo(view),
  };
}

const extensions = ({ label, schema, check, changed, save }: CodeEditorOptions, lineSeparator: string) => [
  EditorState.lineSeparator.of(lineSeparator),
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  history(),
  drawSelection(),
  indentOnInput(),
  indentUnit.of('  '),
  bracketMatching(),
  yaml(),
  syntaxHighlighting(HIGHLIGHT),
  autocompletion({ override: [(context) => completions(context, schema)], icons: false }),
  lintGutter(),
  linter(async ({ state }) => (await check(state.sliceDoc())).map((problem) => diagnostic(state.doc, problem)), {
    delay: 250,
  }),
  keymap.of([
    { key: 'Mod-s', preventDefault: true, run: () => ran(save) },
    ...completionKeymap,
    ...lintKeymap,
    ...historyKeymap,
    ...defaultKeymap,
    indentWithTab,
  ]),
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
  EditorView.updateListener.of(({ docChanged, state }) => docChanged && changed(state.sliceDoc())),
  THEME,
];

function ran(work: () => void): true {
  work();
  return true;
}

/** Changes only what differs, so that caret and scroll position stay. */
function replace(view: EditorView, text: string, lineSeparator: string): void {
  const before = view.state.sliceDoc();
  if (before === text) return;
  const [a, b] = [before.replaceAll(lineSeparator, '\n'), text.replaceAll(lineSeparator, '\n')];
  const { start, end } = commonEnds(a, b);
  const insert = view.state.toText(b.slice(start, b.length - end).replaceAll('\n', lineSeparator));
  view.dispatch({ changes: { from: start, to: a.length - end, insert }, userEvent: 'input' });
  forceLinting(view);
}

function offsetOf(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(to, from + column - 1);
}

/** Marks the word at the position, or the rest of the line. */
function diagnostic(doc: Text, { line, column, message }: FileProblem): Diagnostic {
  const from = offsetOf(doc, line, column);
  const rest = doc.lineAt(from).text.slice(from - doc.lineAt(from).from);
  const [word] = /^\S[\w.-]*/.exec(rest) ?? [rest];
  return { from, to: from + word.length, severity: 'error', message };
}

function completions({ state, pos, explicit }: CompletionContext, schema: JsonSchema): CompletionResult | null {
  const found = completionsAt(state.doc.toString(), pos, schema);
  if (found === undefined || (found.from === pos && !explicit && !opensKey(state.doc, pos))) return null;
  return {
    from: found.from,
    validFor: /^[\w-]*$/,
    options: found.options.map((option) => ({
      label: option.label,
      ...(option.detail === undefined ? {} : { detail: option.detail }),
      ...(option.info === undefined ? {} : { info: option.info }),
      apply: (view, completion, from, to) => {
        view.dispatch({
          ...inserted(view.state.doc, option, from, to),
          annotations: pickedCompletion.of(completion),
          userEvent: 'input.complete',
        });
      },
    })),
  };
}

/** After `- ` and `{ `, the keys show without being asked for. */
const opensKey = (doc: Text, offset: number): boolean =>
  /[-{,] $/.test(doc.sliceString(Math.max(0, offset - 2), offset));

/** Replaces the whole word. A key that has a colon already keeps what follows. */
function inserted(doc: Text, { label, insert }: Completion, from: number, to: number) {
  const [word = '', colon] = /^[\w-]*(\s*:)?/.exec(doc.sliceString(to, doc.lineAt(to).to)) ?? [];
  const text = colon === undefined ? insert : label;
  const end = to + word.length - (colon ?? '').length;
  return { changes: { from, to: end, insert: text }, selection: { anchor: from + text.length } };
}

const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--text-soft)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.meta, tags.labelName, tags.typeName], color: 'var(--lost)' },
]);

const THEME = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '12.5px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { color: 'var(--text-soft)', backgroundColor: 'var(--sunken)', borderRight: '1px solid var(--line)' },
  '.cm-activeLineGutter': { color: 'var(--text)', backgroundColor: 'var(--hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--selected)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selected)', outline: 'none' },
  '.cm-tooltip': { color: 'var(--text)', backgroundColor: 'var(--raised)', border: '1px solid var(--line-strong)' },
  '.cm-tooltip-autocomplete ul li': { padding: '2px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { color: 'var(--text)', background: 'var(--selected)' },
  '.cm-completionDetail': { color: 'var(--text-soft)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--fault)' },
  // The images of the package are data: URLs, which the page's policy does not allow.
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--fault)' },
  '.cm-gutter-lint .cm-lint-marker-error': {
    content: 'normal',
    width: '9px',
    height: '9px',
    margin: '5px 2px',
    borderRadius: '50%',
    backgroundColor: 'var(--fault)',
  },
});
