import { Dialog } from '../ui/dialog.js';

const KEYS: readonly (readonly [group: string, keys: readonly (readonly [keys: string, what: string])[]])[] = [
  [
    'Everywhere',
    [
      ['1 – 9', 'go to a view'],
      ['Ctrl k', 'go to a view, a strategy, a file or a fault'],
      ['/', 'focus the filter'],
      ['?', 'show these keys'],
    ],
  ],
  [
    'Journal',
    [
      ['↓ j, ↑ k', 'next, previous request'],
      ['Page Down, Page Up', 'next, previous page'],
      ['Home, End', 'newest, oldest request'],
      ['Enter', 'open the request'],
      ['Esc', 'close the request'],
      ['[ ]', 'previous, next request that failed'],
      ['r, e', 'send again; edit and send'],
      ['c', 'compare the requests that are opened next with this one'],
      ['p', 'pause, resume'],
    ],
  ],
  ['Lists and frames', [['← → ↑ ↓', 'collapse, expand, move']]],
  ['Send', [['Ctrl Enter', 'send']]],
  [
    'Editor',
    [
      ['Ctrl s', 'save to the file'],
      ['Ctrl Space', 'complete'],
      ['Esc, then Tab', 'leave the editor'],
    ],
  ],
];

export const Help = ({ onClose }: { onClose(): void }) => (
  <Dialog title="Keyboard" onClose={onClose}>
    {KEYS.map(([group, keys]) => (
      <section key={group}>
        <h3>{group}</h3>
        <dl class="keys">
          {keys.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </section>
    ))}
  </Dialog>
);
