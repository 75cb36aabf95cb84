import type { UpstreamCall } from '../api/types.js';
import { clockTime, durationText } from '../ui/format.js';
import { Empty } from '../ui/parts.js';

/** The upstream calls of a request. */
export const Upstream = ({ calls }: { readonly calls: readonly UpstreamCall[] }) =>
  calls.length === 0 ? (
    <Empty>No upstream calls.</Empty>
  ) : (
    <ol class="calls">
      {calls.map((call, index) => (
        // calls are only appended
        <li key={index} class="call">
          <header>
            <time>{clockTime(call.at)}</time>
            <strong>{call.method}</strong>
            <code>{call.url}</code>
            <span class={isFailed(call) ? 'status status-bad' : 'status'}>
              {call.status ?? call.failure ?? (call.error === undefined ? 'pending' : 'failed')}
            </span>
            <span>{durationText(call.durationMs)}</span>
          </header>
          {call.error !== undefined && <p class="detail-fault">{call.error}</p>}
          <Body title="Request body" body={call.requestBody} />
          <Body title="Response headers" body={headersText(call.responseHeaders)} />
          <Body title={call.responseCut ? 'Response body (truncated)' : 'Response body'} body={call.responseBody} />
        </li>
      ))}
    </ol>
  );

/** An upstream call may fail without a status (a reset) or after one (half a body). */
const isFailed = ({ status = 0, failure, error }: UpstreamCall): boolean =>
  failure !== undefined || error !== undefined || status >= 400;

const headersText = (headers: UpstreamCall['responseHeaders'] = {}): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');

const Body = ({ title, body }: { readonly title: string; readonly body: string | undefined }) =>
  body ? (
    <figure>
      <figcaption>{title}</figcaption>
      <pre tabIndex={0}>{pretty(body)}</pre>
    </figure>
  ) : null;

/** JSON indented; any other text as it is. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
