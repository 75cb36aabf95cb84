import type { ComponentProps, ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../api/api.js';
import { Empty, Problem } from '../ui/parts.js';
import type FileEditor from './file-editor.js';

type Props = ComponentProps<typeof FileEditor>;

let loaded: ComponentType<Props> | undefined;

/** The editor, whose code is loaded when it is first shown. */
export function LazyEditor(props: Props) {
  const [Editor, setEditor] = useState(() => loaded);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (loaded !== undefined) return;
    import('./file-editor.js').then(
      (module) => {
        loaded = module.default;
        setEditor(() => loaded);
      },
      (error: unknown) => setProblem(messageOf(error)),
    );
  }, []);
  if (problem !== undefined) return <Problem>{problem}</Problem>;
  return Editor === undefined ? <Empty>Loading…</Empty> : <Editor {...props} />;
}
