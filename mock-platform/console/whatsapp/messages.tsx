import type { WhatsApp } from '../api/types.js';
import { routeHash } from '../shell/routes.js';
import { clockTime } from '../ui/format.js';
import { Panel } from '../ui/parts.js';
import { Table } from '../ui/table.js';

/** Sent messages, newest first, each with its request. */
export const Messages = ({ messages }: Pick<WhatsApp, 'messages'>) => (
  <Panel title="Sent messages" count={messages.length} class="panel-wide">
    <Table
      label="Sent messages"
      head={['Time', 'To', 'Template', 'Parameters', 'Text', 'Request']}
      rows={messages.map(({ id, at, to, template, language, parameters, text, entry }) => ({
        key: id,
        cells: [
          clockTime(at),
          to,
          <span key="template" title={id}>
            <code>{template}</code> {language}
          </span>,
          parameters.length === 0 ? '–' : parameters.join(', '),
          text,
          entry === undefined ? '–' : <Request key="request" {...entry} />,
        ],
      }))}
      empty="No messages yet."
    />
  </Panel>
);

type Entry = NonNullable<WhatsApp['messages'][number]['entry']>;

const Request = ({ id, referenceId }: Entry) => (
  <a href={routeHash('journal', [id])}>{referenceId === null ? `request ${id}` : `ReferenceId ${referenceId}`}</a>
);
