import type { JournalledCall } from 'esp-host';
import { EspClient } from 'esp-host/client';
import type { EspMessage } from '#wire';
import { type Address, addressText } from '../configuration/index.js';
import { UnknownApplicationError, UnknownEntryError, UnknownUpstreamError, WebhookTimeoutError } from '../errors.js';
import {
  type ExportTarget,
  exchangeOf,
  exportText,
  httpStubFile,
  type TextForm,
  testFile,
  testSetting,
} from '../export/index.js';
import type { Journal, JournalEntry } from '../journal/index.js';
import { type DataValues, loadStrategy, type Run, type RunOptions, runThrough } from '../strategies/index.js';
import { HttpStubSet, type StubSet } from '../stubs/index.js';
import type { Upstream } from '../upstreams/index.js';
import type { RunningPlatform } from './running-platform.js';

const INTERACTION_SERVER = { name: 'Interaction Server', type: 111 };

/** The application that answered an entry, and the options to send its request again. */
export function exportTarget(platform: RunningPlatform, { application, via }: JournalEntry): ExportTarget {
  const { applications, interactionServer, esp, prepared, stubServers } = platform;
  const target = [...applications, prepared.application].find(({ name }) => name === application) ?? INTERACTION_SERVER;
  const { name, type } = target;
  const to = (address: Address, ...more: string[]): ExportTarget => ({
    name,
    type,
    options: ['--to', addressText(address), ...more],
  });
  if (via !== undefined) return to(interactionServer);
  const stubbed = stubServers.find(({ stubs }) => stubs.application.name === application);
  if (stubbed !== undefined) return to(stubbed);
  if (application !== prepared.application.name) return to(interactionServer);
  const { tls } = prepared.loaded.config.listeners.esp;
  return tls === undefined ? to(esp) : to(esp, '--tls-ca', tls.certificate);
}

/** The stubs of an application. @throws UnknownApplicationError */
export function stubsOf({ stubServers }: RunningPlatform, application: string): StubSet {
  const found = stubServers.find(({ stubs }) => stubs.application.name === application);
  if (found !== undefined) return found.stubs;
  const known = stubServers.map(({ stubs }) => stubs.application.name);
  throw new UnknownApplicationError(application, known);
}

/** @throws UnknownUpstreamError */
export function upstreamOf(upstreams: readonly Upstream[], name: string): Upstream {
  const found = upstreams.find((upstream) => upstream.name === name);
  if (found !== undefined) return found;
  const known = upstreams.map((upstream) => upstream.name);
  throw new UnknownUpstreamError(name, known);
}

/** The HTTP stubs of an upstream; undefined for the mock of a plugin. */
export const httpStubsIn = ({ mock }: Upstream): HttpStubSet | undefined =>
  'stubs' in mock && mock.stubs instanceof HttpStubSet ? mock.stubs : undefined;

/** The HTTP stubs of a stubbed upstream. @throws UnknownUpstreamError */
export function httpStubsOf(upstreams: readonly Upstream[], name: string): HttpStubSet {
  const stubbed = upstreams.filter((upstream) => httpStubsIn(upstream) !== undefined);
  const found = stubbed.find((upstream) => upstream.name === name);
  const stubs = found && httpStubsIn(found);
  if (stubs !== undefined) return stubs;
  throw new UnknownUpstreamError(
    name,
    stubbed.map((upstream) => upstream.name),
    'stubbed upstream',
  );
}

/** A stubbed application or upstream. */
export interface StubbedServer {
  readonly application?: string | undefined;
  readonly upstream?: string | undefined;
  readonly stubs: StubSet | HttpStubSet;
}

/** The stubbed applications, then the stubbed upstreams, in the order of platform.yaml. */
export const stubbedServers = ({ stubServers, upstreams }: RunningPlatform): StubbedServer[] => [
  ...stubServers.map(({ stubs }) => ({ application: stubs.application.name, stubs })),
  ...upstreams.flatMap((upstream) => {
    const stubs = httpStubsIn(upstream);
    return stubs === undefined ? [] : [{ upstream: upstream.name, stubs }];
  }),
];

/** Runs a strategy file through Interaction Server. @throws ConfigError, UnknownDataError */
export const runFile = async (
  { interactionServer, upstreams }: RunningPlatform,
  file: string,
  set: DataValues = {},
): Promise<Run> => runThrough(interactionServer, loadStrategy(file), set, { waitFor: waitingFor(upstreams) });

/** Waits for webhooks of these upstreams. @throws UnknownUpstreamError */
export const waitingFor =
  (upstreams: readonly Upstream[]): NonNullable<RunOptions['waitFor']> =>
  ({ upstream, webhook }, timeoutMs) =>
    upstreamOf(upstreams, upstream)
      .webhooks.until({ about: webhook }, { timeoutMs })
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof WebhookTimeoutError) return false;
          throw error;
        },
      );

/** @throws UnknownEntryError */
export function entryOf({ journal }: RunningPlatform, id: number): JournalEntry {
  const found = journal.get(id);
  if (found === undefined) throw new UnknownEntryError(id);
  return found;
}

/** Exports a journal entry as a text that repeats it. @throws UnknownEntryError, ExportError */
export function exported(platform: RunningPlatform, id: number, form: TextForm): string {
  const entry = entryOf(platform, id);
  return exportText(exchangeOf(entry, exportTarget(platform, entry)), form);
}

/**
 * Exports the calls to an upstream in the journal as a file of HTTP stubs. @param upstream a name in platform.yaml, or
 * an origin such as https://api.example.com @throws UnknownUpstreamError, ExportError
 */
export function stubsFromJournal({ journal, upstreams }: RunningPlatform, upstream: string): string {
  const url = upstreams.find(({ name }) => name === upstream)?.url ?? upstream;
  const origin = URL.parse(url)?.origin;
  if (origin === undefined)
    throw new UnknownUpstreamError(
      upstream,
      upstreams.map(({ name }) => name),
    );
  const calls = journal
    .find({ limit: Number.POSITIVE_INFINITY })
    .reverse()
    .flatMap((entry) =>
      entry.upstream.map((call, index) => ({ call, place: `call ${index + 1} of entry ${entry.id}` })),
    )
    .filter(({ call }) => URL.parse(call.url)?.origin === origin);
  return httpStubFile(calls, `the journal of ${upstream}`);
}

/** Exports a journal entry as a jest test. @throws UnknownEntryError, ExportError */
export async function exportedTest(platform: RunningPlatform, id: number): Promise<string> {
  const { prepared, journal, replay } = platform;
  const entry = entryOf(platform, id);
  const { service, method, application } = entry;
  const isAnsweredByHost = application === prepared.application.name && replay === undefined;
  return testFile(exchangeOf(entry, exportTarget(platform, entry)), {
    setting: isAnsweredByHost ? testSetting(prepared, service, method) : undefined,
    earlier: journal.find({ application, before: id, limit: Number.POSITIVE_INFINITY }),
    seesUpstream: true,
  });
}

/** Clears the journal, charts and faults, and restores stubs and upstreams to what the files define. */
export function reset({ journal, charts, stubServers, faults, upstreams }: RunningPlatform): void {
  faults.clear();
  for (const { stubs } of stubServers) stubs.restore();
  for (const upstream of upstreams) upstream.reset();
  journal.clear();
  charts.clear();
}

/** The upstream calls in the journal, newest request first. Decodes a request only if its ReferenceId is read. */
export const journalledCalls = (journal: Journal): JournalledCall[] =>
  journal.find({ limit: Number.POSITIVE_INFINITY }).flatMap(({ id, request, upstream }) =>
    upstream.map(({ url, at, durationMs, requestBody, responseBody }) => ({
      entry: id,
      get referenceId() {
        return request.json?.referenceId ?? null;
      },
      ...{ url, at, durationMs, requestBody, responseBody },
    })),
  );

/** The outcome of a sent message, and its journal entry if there is one. */
export type Sent = { readonly entry?: number } & ({ readonly reply: EspMessage } | { readonly error: string });

/** Sends a message to the host, or to Interaction Server. @throws ConnectError */
export async function send(
  { plainEsp, interactionServer, prepared, journal }: RunningPlatform,
  to: 'host' | 'interaction-server',
  message: EspMessage,
  timeoutMs: number,
): Promise<Sent> {
  const { host, port } = to === 'host' ? plainEsp : interactionServer;
  const { charset } = prepared.loaded.config.listeners.esp;
  await using client = new EspClient({ host, port, charset: to === 'host' ? charset : 'utf-8' });
  await client.connect();
  const { local } = client;
  const outcome = await client.requestMessage(message, { timeoutMs }).then(
    (reply) => ({ reply }),
    (error: Error) => ({ error: error.message }),
  );
  const [entry] = local === undefined ? [] : journal.find({ client: addressText(local) });
  return entry === undefined ? outcome : { ...outcome, entry: entry.id };
}
