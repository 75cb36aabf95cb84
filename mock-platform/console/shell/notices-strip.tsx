import { api } from '../api/api.js';
import type { Notice } from '../api/types.js';
import { visible } from '../message/entries.js';
import { requestOf } from '../panels/values.js';
import { changed, changes, live } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { clockTime } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { attempt } from '../ui/toasts.js';
import { routeHash } from './routes.js';

/** The most notices in the strip; a link leads to the others. */
const MOST = 6;

/** What makes the platform answer unusually, above every view, each with a button that switches it off. */
export function NoticesStrip() {
  const { faults, stubs, notices: mocks, configuration } = useStore(changes);
  const state = useStore(live);
  const notices = useResource(api.notices, [faults, stubs, mocks, configuration, state]).data ?? [];
  const more = notices[MOST];
  return (
    <section class="notices" aria-label="Unusual answers" hidden={notices.length === 0}>
      <Icon name="warning" />
      <ul>
        {notices.slice(0, MOST).map((notice) => (
          <Item key={notice.id} notice={notice} />
        ))}
        {more && (
          <li>
            <a href={routeHash(more.kind === 'fault' ? 'faults' : 'stubs')}>and {notices.length - MOST} more</a>
          </li>
        )}
      </ul>
    </section>
  );
}

const KINDS: Readonly<Record<Notice['kind'], string>> = { fault: 'Fault', stub: 'Stub', mock: '' };

function Item({ notice: { kind, title, effect, since, off } }: { readonly notice: Notice }) {
  const name = visible(title);
  return (
    <li>
      <span class="notice-text" title={[name, effect].filter(Boolean).join(': ')}>
        {KINDS[kind]} <strong>{name}</strong>
        {effect !== undefined && `: ${visible(effect)}`}
        {since !== undefined && `, since ${clockTime(since).slice(0, 8)}`}
      </span>
      {off && (
        <button type="button" class="link-button" aria-label={`${off.title}: ${name}`} onClick={() => switchOff(off)}>
          {off.title}
        </button>
      )}
    </li>
  );
}

async function switchOff(off: NonNullable<Notice['off']>): Promise<void> {
  await attempt(() => api.act(requestOf(off, {}, {})));
  changed('notices');
}
