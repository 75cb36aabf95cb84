import type { UpstreamCall } from '../api/types.js';
import { clockTime, durationText } from '../ui/format.js';
import { Empty } from '../ui/parts.js';

/** The calls that a method made to answer a request. */
export const Upstream = ({ calls }: { readonly calls: readonly UpstreamCall[] }) =>
  calls.length === 0 ? (
    <Empty>This request called nothing upstream.</Empty>
  ) : (
    <ol class="calls">
      {calls.map((call, index) => (
        // calls are only ever added at the end
        <li key={index} class="call">
          <header>
            <time>{clockTime(call.at)}</time>
            <strong>{call.method}</strong>
            <code>{call.url}</code>
            <span class={call.error === undefined && (call.status ?? 0) < 400 ? 'status' : 'status status-bad'}>
              {call.status ?? 'failed'}
            </span>
            <span>{durationText(call.durationMs)}</span>
          </header>
          {call.error !== undefined && <p class="detail-fault">{call.error}</p>}
          <Body title="Sent" body={call.requestBody} />
          <Body title="Came back" body={call.responseBody} />
        </li>
      ))}
    </ol>
  );

function Body({ title, body }: { readonly title: string; readonly body: unknown }) {
  if (body === undefined || body === null || body === '') return null;
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <pre tabIndex={0}>{pretty(body)}</pre>
    </figure>
  );
}

function pretty(body: unknown): string {
  if (typeof body !== 'string') return JSON.stringify(body, undefined, 2);
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
