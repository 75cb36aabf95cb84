import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { api } from '../api/api.js';
import { DiffView } from '../diff/diff-view.js';
import { diffLines } from '../diff/lines.js';
import { changes } from '../state/session.js';
import { useStore } from '../state/store.js';
import { Button, Empty, Panel, Problem } from '../ui/parts.js';
import { note } from '../ui/toasts.js';
import { type CodeEditor, createEditor } from './code-editor.js';
import { FileSession, type FileState, isConflict, isUnsaved } from './file-session.js';
import { Outline } from './outline.js';

interface OpenFile {
  readonly session: FileSession;
  editor: CodeEditor | undefined;
}

/** Files stay open, with their history, while another view is shown. */
const openFiles = new Map<string, OpenFile>();

function openFile(id: string): OpenFile {
  const known = openFiles.get(id) ?? { session: new FileSession(id, api), editor: undefined };
  openFiles.set(id, known);
  return known;
}

interface FileEditorProps {
  readonly id: string;
  /** More buttons beside those of the editor. */
  readonly children?: ComponentChildren;
  onSaved?(): void;
}

/** Edits a file of the platform, and saves it to the disk. */
export default function FileEditor({ id, children, onSaved }: FileEditorProps) {
  const open = useMemo(() => openFile(id), [id]);
  const state = useStore(open.session.state);
  const { files } = useStore(changes);
  useEffect(() => {
    void open.session.load();
  }, [open, files]);
  useReloadOnFocus(open.session);
  const { disk, problem, text } = state;
  const save = async (): Promise<void> => {
    if (!(await open.session.save())) return;
    note(`Saved ${disk?.file.path}`);
    onSaved?.();
  };
  if (disk === undefined) return problem === undefined ? <Empty>Loading…</Empty> : <Problem>{problem}</Problem>;
  const { path, kind } = disk.file;
  const unsaved = isUnsaved(state);
  return (
    <Panel
      title={path}
      class="file-editor"
      tools={
        <>
          {unsaved && <span class="tag tag-unsaved">unsaved</span>}
          <Button icon="undo" label="Undo" title="Undo (Ctrl Z)" onClick={() => open.editor?.undo()} />
          <Button icon="redo" label="Redo" title="Redo (Ctrl Y)" onClick={() => open.editor?.redo()} />
          {children}
          <Button kind="primary" title="Save to the file (Ctrl S)" disabled={!unsaved} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <Problem>{problem}</Problem>
      {isConflict(state) && <Conflict open={open} state={state} />}
      {kind !== 'strategy' && (
        <Outline
          kind={kind}
          text={text}
          onText={(next) => open.editor?.replace(next)}
          onShow={(line, column, length) => open.editor?.show(line, column, length)}
        />
      )}
      <Code key={id} open={open} onSave={save} />
      <Problems state={state} onShow={(line, column) => open.editor?.show(line, column)} />
    </Panel>
  );
}

/** The editor's element; kept while it is not in the page. */
function Code({ open, onSave }: { readonly open: OpenFile; onSave(): void }) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onSave);
  latest.current = onSave;
  const { session } = open;
  const { text } = useStore(session.state);
  useEffect(() => {
    const { disk } = session.state.value;
    if (disk === undefined) return;
    open.editor ??= createEditor({
      text: session.state.value.text,
      label: `Text of ${disk.file.path}`,
      schema: disk.schema,
      check: (checked) => session.check(checked),
      changed: (typed) => session.edit(typed),
      save: () => latest.current(),
    });
    place.current?.append(open.editor.element);
  }, [open]);
  // Does nothing after typing. A version from the disk replaces the text.
  useEffect(() => open.editor?.replace(session.state.value.text), [open, text]);
  return <div class="file-text" ref={place} />;
}

/** Another editor may have saved the file meanwhile. */
function useReloadOnFocus(session: FileSession): void {
  useEffect(() => {
    const focused = (): void => void session.load();
    window.addEventListener('focus', focused);
    return () => window.removeEventListener('focus', focused);
  }, [session]);
}

/** The versions of a file that changed on the disk while it was edited. */
function Conflict({ open, state }: { readonly open: OpenFile; readonly state: FileState }) {
  const { session } = open;
  const { disk, text } = state;
  const lines = useMemo(() => diffLines((disk?.text ?? '').split('\n'), text.split('\n')), [disk, text]);
  return (
    <section class="conflict" role="alert" aria-label="Conflict">
      <p>
        <strong>The file has changed on the disk since you opened it.</strong> Nothing is overwritten until you choose.
        Removed lines are those of the disk, added ones are yours.
      </p>
      <DiffView label="The file on the disk, and yours" lines={lines} />
      <p class="conflict-choice">
        <Button onClick={() => session.takeDisk()}>Take the file from the disk</Button>
        <Button kind="danger" onClick={() => session.keepOwn()}>
          Save mine over it
        </Button>
      </p>
    </section>
  );
}

interface ProblemsProps {
  readonly state: FileState;
  onShow(line: number, column: number): void;
}

/** The mistakes in the text, and those in the file on the disk, which may differ. */
const Problems = ({ state: { problems }, onShow }: ProblemsProps) => (
  <ul class="file-problems" aria-label="Mistakes" aria-live="polite">
    {problems.map(({ line, column, message }) => (
      <li key={`${line}:${column} ${message}`}>
        <button type="button" class="link-button" onClick={() => onShow(line, column)}>
          {`${line}:${column}`}
        </button>{' '}
        {message}
      </li>
    ))}
  </ul>
);
