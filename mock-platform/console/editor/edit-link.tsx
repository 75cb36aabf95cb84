import { drafts } from '../state/drafts.js';
import { useStore } from '../state/store.js';
import { Icon } from '../ui/icons.js';

interface EditLinkProps {
  /** The id of the file. */
  readonly id: string;
  readonly path: string;
  /** Undefined while the file is open. */
  readonly href: string | undefined;
}

/** The link to the editor of a file, and whether it has unsaved text. */
export function EditLink({ id, path, href }: EditLinkProps) {
  const unsaved = id in useStore(drafts);
  return (
    <>
      {unsaved && <span class="tag tag-unsaved">unsaved</span>}
      {href !== undefined && (
        <a class="button" href={href} title={path}>
          <Icon name="edit" />
          Edit file<span class="unseen"> {path}</span>
        </a>
      )}
    </>
  );
}
