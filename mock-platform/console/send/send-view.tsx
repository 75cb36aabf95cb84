import { useEffect, useState } from 'preact/hooks';
import { api, messageOf } from '../api/api.js';
import type { Configuration, SendRequest, SendResult, Status } from '../api/types.js';
import { FormError } from '../form/values.js';
import { go } from '../shell/navigation.js';
import { type Route, routeHash } from '../shell/routes.js';
import { changes } from '../state/session.js';
import { kept, Store, useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { Empty, Problem, ViewHead } from '../ui/parts.js';
import { attempt, note } from '../ui/toasts.js';
import { type Draft, draftOf, EMPTY_DRAFT, methodFields, methodOf, requestFrom, withMethod } from './draft.js';
import { DraftForm } from './draft-form.js';
import { history, type SentRequest, withSent } from './history.js';
import { HistoryList } from './history-list.js';
import { Reply } from './reply.js';
import { maskedIn, requestOf } from './request.js';

/** A sent request and its result. */
export interface Sent {
  /** The journal entry that the request was made from. */
  readonly origin: number | undefined;
  /** Undefined while waiting. */
  readonly result: SendResult | undefined;
}

/** Kept while the user visits other views; the draft also survives a reload. */
const drafts = kept<Draft>('request', EMPTY_DRAFT);
const sent = new Store<Sent | undefined>(undefined);
/** The journal entry that the draft was made from. */
const origin = new Store<number | undefined>(undefined);

export function SendView({ route }: { readonly route: Route }) {
  const { configuration: changed } = useStore(changes);
  const status = useResource(api.status, [changed]);
  const configuration = useResource(api.configuration, [changed]);
  return (
    <>
      <ViewHead title="Send" note="One Request3rdServer, to the host itself or through Interaction Server." />
      <Problem>{status.problem ?? configuration.problem}</Problem>
      {status.data && configuration.data ? (
        <Sender route={route} status={status.data} configuration={configuration.data} />
      ) : (
        <Empty>Loading…</Empty>
      )}
    </>
  );
}

interface SenderProps {
  readonly route: Route;
  readonly status: Status;
  readonly configuration: Configuration;
}

function Sender({ route, status, configuration }: SenderProps) {
  const draft = useStore(drafts);
  const last = useStore(sent);
  const [problem, setProblem] = useState<string>();
  const fields = fieldsFor(draft, status, configuration);
  useFilled(route, status, configuration);
  const send = async (): Promise<void> => {
    try {
      setProblem(undefined);
      await sendNow(requestFrom(draft, fields ?? []));
    } catch (error) {
      setProblem(messageOf(error));
      sent.set(undefined);
    }
  };
  const choose = ({ request }: SentRequest): void => {
    setProblem(undefined);
    fill(request, undefined, fieldsFor(request, status, configuration));
    const masked = maskedIn(request);
    if (masked.length > 0) note(`Enter ${masked.join(', ')}: secrets are not kept`);
  };
  return (
    <div class="columns">
      <DraftForm
        draft={draft}
        fields={fields}
        status={status}
        configuration={configuration}
        isSending={last !== undefined && last.result === undefined}
        onChange={(changed) => {
          // Another method is another request.
          if (changed.method !== draft.method || changed.service !== draft.service) origin.set(undefined);
          drafts.set(changed);
        }}
        onSend={send}
      />
      <section class="panel" aria-label="Reply" aria-live="polite">
        <Reply sent={last} problem={problem} />
      </section>
      <HistoryList onChoose={choose} />
    </div>
  );
}

function fieldsFor(draft: Parameters<typeof methodOf>[1], { methods }: Status, { channels }: Configuration) {
  const method = methodOf(methods, draft);
  return method && methodFields(method, channels);
}

async function sendNow(request: SendRequest): Promise<void> {
  const masked = maskedIn(request);
  if (masked.length > 0) throw new FormError(`${masked.join(', ')}: masked; enter the secret`);
  history.update((before) => withSent(before, request, Date.now()));
  sent.set({ origin: origin.value, result: undefined });
  sent.set({ origin: origin.value, result: await api.send(request) });
}

function fill(request: SendRequest, from: number | undefined, fields: Parameters<typeof draftOf>[1]): void {
  drafts.set(draftOf(request, fields));
  sent.set(undefined);
  origin.set(from);
}

/** Fills the form from the journal entry in the address, or with the first method. */
function useFilled({ parts: [id] }: Route, status: Status, configuration: Configuration): void {
  // only once, even if the data is loaded again
  useEffect(() => {
    const [first] = status.methods;
    if (id === undefined) {
      if (drafts.value === EMPTY_DRAFT && first !== undefined)
        drafts.set(withMethod(EMPTY_DRAFT, first, status.application.name));
      return;
    }
    void attempt(async () => {
      const request = requestOf(await api.entry(Number(id)), status.application.name);
      fill(request, Number(id), fieldsFor(request, status, configuration));
      const masked = maskedIn(request);
      if (masked.length > 0) note(`Enter ${masked.join(', ')}: masked in the journal`);
      go(routeHash('send'), true);
    });
  }, [id]);
}
