import { api } from '../api/api.js';
import type { Entry, LogLine, Summary } from '../api/types.js';
import { useResource } from '../state/use-resource.js';
import { clockTime, durationText, fullTime } from '../ui/format.js';
import { Button, Empty, OutcomeChip, Problem } from '../ui/parts.js';
import { Tabs } from '../ui/tabs.js';
import { Actions } from './actions.js';
import { Frames } from './frames.js';
import { Messages } from './messages.js';
import { Upstream } from './upstream.js';

const TABS = ['message', 'frame', 'log', 'upstream'] as const;
type Tab = (typeof TABS)[number];

interface DetailProps {
  readonly id: number;
  /** Its line in the list. When that changes, the details are loaded again. */
  readonly summary: Summary | undefined;
  readonly tab: string | undefined;
  onTab(tab: Tab): void;
  onClose(): void;
}

/** The details of a request. */
export function Detail({ id, summary, tab, onTab, onClose }: DetailProps) {
  const { data: entry, problem } = useResource((signal) => api.entry(id, signal), [id, summary]);
  const shown = TABS.find((one) => one === tab) ?? 'message';
  return (
    <section class="detail" aria-label={`Request ${id}`} aria-busy={entry?.id !== id && problem === undefined}>
      {problem === undefined && entry !== undefined ? (
        <>
          <Head entry={entry} onClose={onClose} />
          <Tabs label="Detail" tabs={tabsOf(entry)} shown={shown} onShow={onTab}>
            <Content key={`${entry.id} ${shown}`} entry={entry} tab={shown} />
          </Tabs>
        </>
      ) : (
        <header class="detail-head">
          <h2>Request {id}</h2>
          <Button icon="close" label="Close" title="Close (Esc)" onClick={onClose} />
          <Problem>{problem}</Problem>
        </header>
      )}
    </section>
  );
}

const tabsOf = ({ logs, upstream }: Entry) =>
  [
    { id: 'message', title: 'Message' },
    { id: 'frame', title: 'Frame' },
    { id: 'log', title: 'Log', count: logs.length || undefined },
    { id: 'upstream', title: 'Upstream', count: upstream.length || undefined },
  ] as const;

function Content({ entry, tab }: { readonly entry: Entry; readonly tab: Tab }) {
  switch (tab) {
    case 'frame':
      return <Frames entry={entry} />;
    case 'log':
      return <LogLines lines={entry.logs} />;
    case 'upstream':
      return <Upstream calls={entry.upstream} />;
    default:
      return <Messages entry={entry} />;
  }
}

function Head({ entry, onClose }: { readonly entry: Entry; onClose(): void }) {
  const { outcome, faultCode, faultText, why, injectedFault, stub, explanation } = entry;
  return (
    <header class="detail-head">
      <h2>
        <span class="service">{entry.service || '?'}.</span>
        {entry.method || '?'}
      </h2>
      <OutcomeChip outcome={outcome} code={faultCode} />
      <span class="detail-latency">{durationText(entry.durationMs)}</span>
      <Button icon="close" label="Close" title="Close (Esc)" onClick={onClose} />
      <p class="detail-meta">{metaOf(entry).join(' · ')}</p>
      {faultText !== undefined && <p class="detail-fault">{faultText}</p>}
      {why !== undefined && <p class="detail-fault">{why}</p>}
      {injectedFault !== undefined && (
        <p class="detail-note">
          <span class="tag tag-injected">injected</span> The fault “{injectedFault}” was applied.
        </p>
      )}
      {stub !== undefined && (
        <p class="detail-note">
          <span class="tag">stub</span> Answered by the stub “{stub}”.
        </p>
      )}
      {explanation !== undefined && <p class="detail-note detail-explanation">{explanation}</p>}
      <Actions entry={entry} />
    </header>
  );
}

function metaOf({ id, at, client, via, application, appName, appType }: Entry): readonly string[] {
  const asked = [appName && `AppName ${appName}`, appType !== undefined && `AppType ${appType}`].filter(Boolean);
  const target = asked.length === 0 ? 'no application named' : asked.join(', ');
  return [`#${id}`, fullTime(at), `${client}${via === undefined ? '' : ` via ${via}`} → ${application}`, target];
}

/** The host's log lines about a request. */
const LogLines = ({ lines }: { readonly lines: readonly LogLine[] }) =>
  lines.length === 0 ? (
    <Empty>No log lines. At level info, successful requests are not logged.</Empty>
  ) : (
    <ol class="log">
      {lines.map((line, index) => (
        // lines are only appended
        <li key={index}>
          <time>{clockTime(line.at)}</time>
          <span class={`level level-${line.level}`}>{line.level}</span>
          <span class="log-text">
            {line.message}
            {Object.entries(line.fields).map(([name, value]) => (
              <span key={name} class="log-field">
                {' '}
                <b>{name}</b>={typeof value === 'string' ? value : JSON.stringify(value)}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
