import { Dialog } from '../ui/dialog.js';

const KEYS: readonly (readonly [group: string, keys: readonly (readonly [keys: string, what: string])[]])[] = [
  [
    'Everywhere',
    [
      ['1 – 8', 'go to a view'],
      ['/', 'put the cursor into the filter'],
      ['?', 'show these keys'],
    ],
  ],
  [
    'Journal',
    [
      ['↓ j, ↑ k', 'next request, the one before'],
      ['Page Down, Page Up', 'a page further, or back'],
      ['Home, End', 'the newest request, the oldest'],
      ['Enter', 'open the request'],
      ['Esc', 'close it'],
      ['p', 'pause, and go on'],
    ],
  ],
  ['Lists and frames', [['← → ↑ ↓', 'fold, unfold, move on']]],
  ['Send', [['Ctrl Enter', 'send']]],
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
