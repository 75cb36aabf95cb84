import type { ComponentChildren } from 'preact';
import { useId, useMemo } from 'preact/hooks';
import type { Entry, LogLine, UpstreamCall } from '../api/types.js';
import { findList, listText, oneLine } from '../message/entries.js';
import { clockTime, durationText } from '../ui/format.js';
import { Button, outcomeText } from '../ui/parts.js';
import { Call, callStatus, isFailed } from './call.js';
import { LogFields } from './log-fields.js';
import { MessageContent } from './message-content.js';
import { type Lane, lanesOf, type Moment, momentsOf, shownAs, toggled, unfoldedIn, unfoldedPart } from './story.js';

interface StoryProps {
  readonly entry: Entry;
  /** The unfolded moments, as in the address. */
  readonly part: string | undefined;
  onPart(part: string): void;
}

/** What happened in an exchange, on one time axis. Each moment unfolds in place. */
export function Story({ entry, part, onPart }: StoryProps) {
  const moments = useMemo(() => momentsOf(entry), [entry]);
  const lanes = useMemo(() => lanesOf(moments), [moments]);
  const unfolded = unfoldedIn(part, moments);
  const show = (next: ReadonlySet<string>): void => onPart(unfoldedPart(next));
  const isAll = moments.every(({ id }) => unfolded.has(id) || unfolded.has(`${id}-bytes`));
  return (
    <div class="story">
      <ol aria-label="What happened">
        {moments.map((moment) => {
          const bytes = unfolded.has(`${moment.id}-bytes`);
          return (
            <Row
              key={moment.id}
              entry={entry}
              moment={moment}
              lane={lanes.get(moment.id)}
              isOpen={bytes || unfolded.has(moment.id)}
              onToggle={() => show(toggled(unfolded, moment.id))}
            >
              <Content
                entry={entry}
                moment={moment}
                as={bytes ? 'bytes' : 'list'}
                onAs={(as) => show(shownAs(unfolded, moment.id, as))}
              />
            </Row>
          );
        })}
      </ol>
      <p class="story-foot">
        <Button onClick={() => onPart(isAll ? '' : 'all')}>{isAll ? 'Fold all' : 'Unfold all'}</Button>
        {entry.upstream.length === 0 && <span>No upstream calls.</span>}
        {entry.logs.length === 0 && <span>{NO_LOG[entry.outcome === 'fault' ? 'fault' : 'other']}</span>}
      </p>
    </div>
  );
}

const NO_LOG = {
  fault: 'No log lines: the log level leaves them out, or repeated faults share one.',
  other: 'No log lines: at level info, successful requests are not logged.',
} as const;

const KINDS: Readonly<Record<Moment['kind'], string>> = {
  request: 'Request',
  log: 'Log',
  upstream: 'Upstream',
  reply: 'Reply',
};

interface RowProps {
  readonly entry: Entry;
  readonly moment: Moment;
  readonly lane: Lane | undefined;
  readonly isOpen: boolean;
  readonly children: ComponentChildren;
  onToggle(): void;
}

function Row({ entry, moment, lane, isOpen, children, onToggle }: RowProps) {
  const id = useId();
  const { kind, at, durationMs } = moment;
  return (
    <li class={`moment moment-${kind}`}>
      <button type="button" class="moment-head" aria-expanded={isOpen} aria-controls={id} onClick={onToggle}>
        <span class="moment-fold" aria-hidden="true" />
        <time>{at === undefined ? '–' : clockTime(at)}</time>
        <span class="moment-kind">{KINDS[kind]}</span>
        <span class="moment-text">
          <MomentText entry={entry} moment={moment} />
        </span>
        <span class="moment-duration">{durationMs === undefined ? '' : durationText(durationMs)}</span>
        <span class="lane" aria-hidden="true">
          {lane && <i style={{ left: `${lane.start}%`, width: `${lane.width}%` }} />}
        </span>
      </button>
      <div id={id} class="moment-body" hidden={!isOpen}>
        {isOpen && children}
      </div>
    </li>
  );
}

/** A moment on one line. */
function MomentText({ entry, moment }: { readonly entry: Entry; readonly moment: Moment }) {
  switch (moment.kind) {
    case 'log':
      return <LogText line={moment.line} />;
    case 'upstream':
      return <CallText call={moment.call} />;
    case 'request':
      return <span class="moment-what">{parametersText(entry.request) || 'no parameters'}</span>;
    default:
      return <span class="moment-what">{replyText(entry)}</span>;
  }
}

const LogText = ({ line: { level, message } }: { readonly line: LogLine }) => (
  <>
    <span class={`level level-${level}`}>{level}</span>
    <span class="moment-what">{oneLine(message)}</span>
  </>
);

const CallText = ({ call }: { readonly call: UpstreamCall }) => (
  <>
    <strong>{call.method}</strong>
    <span class="moment-what">{oneLine(call.url)}</span>
    <span class={isFailed(call) ? 'status status-bad' : 'status'}>{callStatus(call)}</span>
    {call.injectedFault !== undefined && <span class="tag tag-injected">injected</span>}
    {call.stub !== undefined && <span class="tag">stub</span>}
    {call.notice !== undefined && <span class="tag tag-injected">unusual</span>}
  </>
);

const parametersText = ({ message }: Entry['request']): string =>
  message === null ? 'invalid lists' : listText(findList(message.request, 'Parameters'));

function replyText({ outcome, reply, faultCode, faultText, why }: Entry): string {
  if (reply === null) return [outcomeText(outcome), why].filter(Boolean).join(': ');
  if (outcome === 'fault') return oneLine(`${faultCode ?? ''} ${faultText ?? ''}`.trim());
  return parametersText(reply) || 'empty response';
}

interface ContentProps {
  readonly entry: Entry;
  readonly moment: Moment;
  readonly as: 'list' | 'bytes';
  onAs(as: 'list' | 'bytes'): void;
}

function Content({ entry, moment, as, onAs }: ContentProps) {
  switch (moment.kind) {
    case 'log':
      return <LogFields line={moment.line} />;
    case 'upstream':
      return <Call call={moment.call} />;
    default: {
      const side = moment.kind === 'request' ? 'Request' : 'Reply';
      const part = entry[moment.kind];
      if (part === null) return <p class="empty">{replyText(entry)}</p>;
      return <MessageContent side={side} part={part} as={as} onAs={onAs} />;
    }
  }
}
