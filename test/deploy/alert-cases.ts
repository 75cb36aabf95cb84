/** Series by name and labels, with a value each 15 s as promtool writes them: `0+0x4 1+0x40` is 0 for a minute, then 1. */
export type SeriesValues = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly series: SeriesValues;
  /** How long after the first value it is looked at. */
  readonly at: string;
  /** When it does not fire yet: its condition holds, but not for as long as its `for` says. */
  readonly pendingAt?: string;
  /** Of the alert that fires, beside its severity; none: it is silent. */
  readonly fires?: { readonly labels: Readonly<Record<string, string>>; readonly summary: string };
}

/** In these cases every series is of the job esp-host, and of this instance unless it names another. */
export const INSTANCE = 'a:7190';

const onHost = { instance: INSTANCE };
/** Of an expression that keeps the labels of its series. */
const ofJob = { job: 'esp-host', instance: INSTANCE };
const ofMethod = { ...onHost, service: 'S', method: 'M' };
const ofChannel = { ...onHost, channel: 'w' };

const requests = (outcome: string, values: string, more = 'service="S",method="M"'): SeriesValues => ({
  [`esp_requests_total{${more},outcome="${outcome}"}`]: values,
});

/** Requests that take so many seconds each, one a second and series, in the buckets around 2 s. */
function durations(counts: Readonly<Record<string, number>>): SeriesValues {
  let sum = 0;
  const buckets = ['1', '2', '5', '+Inf'].map((le) => {
    sum += counts[le] ?? 0;
    return [`esp_request_duration_seconds_bucket{service="S",method="M",outcome="response",le="${le}"}`, `0+${sum}x80`];
  });
  return Object.fromEntries(buckets);
}

const REFUSED = 'a:7190 refused 1 connections in 15 minutes';

/** Connections that both listeners refuse, for each of these reasons. */
const refusals = (reasons: readonly string[]): SeriesValues =>
  Object.fromEntries(
    reasons.flatMap((reason) =>
      ['esp', 'esp_http'].map((listener) => [`${listener}_connections_refused_total{reason="${reason}"}`, '0+1x80']),
    ),
  );

const DAY = 86_400;

/** For each alert what makes it fire, and what only just does not. */
export const CASES: Readonly<Record<string, readonly AlertCase[]>> = {
  EspHostDown: [
    {
      series: { up: '0+0x8' },
      at: '1m',
      pendingAt: '45s',
      fires: { labels: ofJob, summary: 'a:7190 does not answer' },
    },
    { series: { up: '0+0x3 1+0x4' }, at: '1m' },
  ],
  EspHostAbsent: [
    {
      series: {},
      at: '5m',
      pendingAt: '4m30s',
      fires: { labels: { job: 'esp-host' }, summary: 'Prometheus has no targets for the job esp-host' },
    },
    { series: { up: '0+0x20' }, at: '5m' },
  ],
  EspHostGone: [
    {
      series: { up: '1+0x400', 'up{instance="b:7190"}': '1+0x240' },
      at: '82m',
      pendingAt: '79m',
      fires: { labels: { job: 'esp-host' }, summary: 'Only 1 hosts are left, fewer than an hour ago' },
    },
    {
      series: { up: '1+0x400', 'up{instance="b:7190"}': '1+0x240', 'up{instance="c:7190"}': '_x240 1+0x160' },
      at: '82m',
    },
    { series: { up: '1+0x400', 'up{instance="b:7190"}': '1+0x240 _x30 1+0x130' }, at: '82m' },
  ],
  EspHostNotConnected: [
    {
      series: { esp_connections: '1+0x4 0+0x40' },
      at: '7m',
      pendingAt: '6m',
      fires: { labels: onHost, summary: 'a:7190 has no ESP connection: Interaction Server does not reach it' },
    },
    { series: { esp_connections: '0+0x18 1+0x20' }, at: '7m' },
  ],
  EspHostReconnects: [
    {
      series: {
        'esp_connections_closed_total{reason="error"}': '0+0x20 2+0x60',
        'esp_connections_closed_total{reason="format"}': '0+0x30 2+0x50',
      },
      at: '16m',
      fires: { labels: onHost, summary: 'a:7190 lost 4 ESP connections in 15 minutes' },
    },
    { series: { 'esp_connections_closed_total{reason="error"}': '0+0x20 3+0x60' }, at: '16m' },
    { series: { 'esp_connections_closed_total{reason="ended"}': '0+9x80' }, at: '16m' },
  ],
  EspHostAddpTimeouts: [
    {
      series: { 'esp_connections_closed_total{reason="addp_timeout"}': '0+0x4 1+0x4' },
      at: '90s',
      fires: { labels: onHost, summary: 'a:7190 received nothing from a client for twice its ADDP timeout' },
    },
    {
      series: {
        'esp_connections_closed_total{reason="addp_timeout"}': '1+0x8',
        'esp_connections_closed_total{reason="error"}': '0+1x8',
      },
      at: '90s',
    },
  ],
  EspHostFull: [
    {
      series: { 'esp_connections_refused_total{reason="connections"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: limits.connections is reached. The log names the clients; raise the limit if they are yours`,
      },
    },
    {
      series: { 'esp_http_connections_refused_total{reason="connections"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: limits.connections is reached. The log names the clients; raise the limit if they are yours`,
      },
    },
    {
      series: {
        'esp_connections_refused_total{reason="connections"}': '1+0x80',
        ...refusals(['address', 'descriptors', 'tls', 'system']),
      },
      at: '16m',
    },
  ],
  EspHostAddressFull: [
    {
      series: { 'esp_connections_refused_total{reason="address"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: an address reached limits.connectionsPerAddress. The log names it; stop that client, or raise the limit if it is yours`,
      },
    },
    {
      series: { 'esp_http_connections_refused_total{reason="address"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: an address reached limits.connectionsPerAddress. The log names it; stop that client, or raise the limit if it is yours`,
      },
    },
    {
      series: {
        'esp_connections_refused_total{reason="address"}': '1+0x80',
        ...refusals(['connections', 'descriptors', 'tls', 'system']),
      },
      at: '16m',
    },
  ],
  EspHostDescriptorsShort: [
    {
      series: { 'esp_connections_refused_total{reason="descriptors"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: it has too many open files. Raise LimitNOFILE, or lower limits.connections`,
      },
    },
    {
      series: { 'esp_http_connections_refused_total{reason="descriptors"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: it has too many open files. Raise LimitNOFILE, or lower limits.connections`,
      },
    },
    {
      series: {
        'esp_connections_refused_total{reason="descriptors"}': '1+0x80',
        ...refusals(['connections', 'address', 'tls', 'system']),
      },
      at: '16m',
    },
  ],
  EspHostRefusesConnections: [
    {
      series: { 'esp_connections_refused_total{reason="tls"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: TLS or the system failed. The log names the client and the cause`,
      },
    },
    {
      series: { 'esp_http_connections_refused_total{reason="tls"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: TLS or the system failed. The log names the client and the cause`,
      },
    },
    {
      series: { 'esp_connections_refused_total{reason="system"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: TLS or the system failed. The log names the client and the cause`,
      },
    },
    {
      series: { 'esp_http_connections_refused_total{reason="system"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary: `${REFUSED}: TLS or the system failed. The log names the client and the cause`,
      },
    },
    {
      series: {
        'esp_connections_refused_total{reason="tls"}': '1+0x80',
        ...refusals(['connections', 'address', 'descriptors']),
      },
      at: '16m',
    },
  ],
  EspHostBuffersFull: [
    {
      series: { 'esp_connections_closed_total{reason="buffers_full"}': '0+0x20 1+0x60' },
      at: '16m',
      fires: {
        labels: onHost,
        summary:
          'a:7190 closed 1 connections in 15 minutes: limits.bufferedBytes was reached. The log names the client that sends incomplete messages or does not read; block it, or raise the limit and the memory',
      },
    },
    {
      series: {
        'esp_connections_closed_total{reason="buffers_full"}': '1+0x80',
        'esp_connections_closed_total{reason="read_timeout"}': '0+1x80',
      },
      at: '16m',
    },
  ],
  EspMethodFaults: [
    {
      series: { ...requests('response', '0+94x80'), ...requests('901', '0+4x80'), ...requests('920', '0+2x80') },
      at: '6m',
      pendingAt: '5m',
      fires: { labels: ofMethod, summary: 'a:7190: 6% of S.M end in faults' },
    },
    {
      series: {
        ...requests('response', '0+50x80'),
        ...requests('920', '0+4x80'),
        ...requests('904', '0+30x80'),
        ...requests('abandoned', '0+16x80'),
      },
      at: '6m',
    },
  ],
  EspMethodFails: [
    {
      series: requests('900', '0+0x4 1+0x4'),
      at: '90s',
      fires: { labels: ofMethod, summary: 'a:7190: S.M fails unexpectedly' },
    },
    { series: { ...requests('900', '1+0x8'), ...requests('920', '0+1x8') }, at: '90s' },
  ],
  EspPluginErrors: [
    {
      series: { 'esp_plugin_errors_total{plugin="p"}': '0+0x4 1+0x4' },
      at: '90s',
      fires: {
        labels: { ...onHost, plugin: 'p' },
        summary: 'a:7190: the code of plugin p fails outside of requests',
      },
    },
    { series: { 'esp_plugin_errors_total{plugin="p"}': '1+0x8' }, at: '90s' },
  ],
  EspMethodWrongParameters: [
    {
      series: { ...requests('response', '0+78x160'), ...requests('904', '0+22x160') },
      at: '16m',
      pendingAt: '15m',
      fires: {
        labels: { service: 'S', method: 'M' },
        summary: '22% of S.M have invalid parameters: check the strategy',
      },
    },
    {
      series: { ...requests('response', '0+82x160'), ...requests('904', '0+18x160'), ...requests('901', '0+9x160') },
      at: '16m',
    },
  ],
  EspMethodUnknown: [
    {
      series: requests('902', '0+0x4 1+0x4', 'service="unknown",method="unknown"'),
      at: '90s',
      fires: { labels: onHost, summary: 'a:7190 receives requests for unknown methods' },
    },
    {
      series: { ...requests('902', '0+1x8'), ...requests('920', '0+1x8', 'service="unknown",method="unknown"') },
      at: '90s',
    },
  ],
  EspMethodSlow: [
    {
      series: durations({ '1': 98, '5': 2 }),
      at: '12m',
      pendingAt: '10m',
      fires: { labels: ofMethod, summary: 'a:7190: p99 of S.M is 3.5s' },
    },
    { series: durations({ '2': 100 }), at: '12m' },
  ],
  EspUpstreamFails: [
    {
      series: {
        'esp_upstream_calls_total{upstream="u",method="POST",outcome="200"}': '0+88x80',
        'esp_upstream_calls_total{upstream="u",method="POST",outcome="503"}': '0+6x80',
        'esp_upstream_calls_total{upstream="u",method="POST",outcome="ECONNREFUSED"}': '0+6x80',
      },
      at: '6m',
      pendingAt: '5m',
      fires: { labels: { ...onHost, upstream: 'u' }, summary: 'a:7190: 12% of the calls of u fail' },
    },
    {
      series: {
        'esp_upstream_calls_total{upstream="u",method="POST",outcome="201"}': '0+50x80',
        'esp_upstream_calls_total{upstream="u",method="GET",outcome="404"}': '0+30x80',
        'esp_upstream_calls_total{upstream="u",method="GET",outcome="abandoned"}': '0+6x80',
        'esp_upstream_calls_total{upstream="u",method="GET",outcome="ok"}': '0+6x80',
        'esp_upstream_calls_total{upstream="u",method="GET",outcome="timeout"}': '0+8x80',
      },
      at: '6m',
    },
  ],
  EspUpstreamAway: [
    {
      // A probe now and then, between them half open.
      series: { 'esp_upstream_breaker_state{channel="w"}': '0+0x4 2+0x2 1+0x3 2+0x2 1+0x3 2+0x2 1+0x3 2+0x2 1+0x3' },
      at: '5m',
      pendingAt: '4m',
      fires: {
        labels: ofChannel,
        summary: 'a:7190: the API of channel w is down; numbers that are not cached get fault 901',
      },
    },
    // It was down, and there have been no requests since.
    { series: { 'esp_upstream_breaker_state{channel="w"}': '0+0x4 2+0x2 1+0x40' }, at: '5m' },
    { series: { 'esp_upstream_breaker_state{channel="w"}': '2+0x18 0+0x4' }, at: '5m' },
  ],
  EspLookupsOverloaded: [
    {
      series: { 'esp_contacts_turned_away_total{channel="w",reason="queue"}': '0+0x10 1+0x20' },
      at: '6m',
      fires: {
        labels: ofChannel,
        summary: 'a:7190: too many lookups wait for the API of channel w: 1 were rejected in 5 minutes',
      },
    },
    {
      series: {
        'esp_contacts_turned_away_total{channel="w",reason="queue"}': '5+0x30',
        'esp_contacts_turned_away_total{channel="w",reason="breaker"}': '0+5x30',
      },
      at: '6m',
    },
  ],
  EspLookupBudgetLow: [
    {
      series: { 'esp_contacts_budget_left{channel="w"}': '9+0x4', 'esp_contacts_budget_limit{channel="w"}': '100+0x4' },
      at: '1m',
      fires: { labels: { channel: 'w' }, summary: "9% of today's lookups of channel w are left" },
    },
    {
      series: {
        'esp_contacts_budget_left{channel="w"}': '11+0x4',
        'esp_contacts_budget_limit{channel="w"}': '100+0x4',
      },
      at: '1m',
    },
  ],
  EspLookupBudgetSpent: [
    {
      series: { 'esp_contacts_budget_left{channel="w"}': '1+0x2 0+0x2' },
      at: '1m',
      fires: {
        labels: { channel: 'w' },
        summary: "Today's lookups of channel w are used up: there are none until 00:00 UTC",
      },
    },
    { series: { 'esp_contacts_budget_left{channel="w"}': '1+0x4' }, at: '1m' },
  ],
  EspStateAway: [
    {
      series: { esp_state_up: '1+0x4 0+0x10' },
      at: '4m',
      pendingAt: '3m',
      fires: { labels: ofJob, summary: 'a:7190 cannot reach the Redis of state.redis, and refuses webhooks' },
    },
    { series: { esp_state_up: '0+0x14 1+0x4' }, at: '4m' },
  ],
  EspSharedStateAway: [
    {
      series: { esp_shared_state_up: '1+0x4 0+0x10' },
      at: '4m',
      pendingAt: '3m',
      fires: {
        labels: ofJob,
        summary: 'a:7190 works without the shared Redis, with its own cache, limits and budget',
      },
    },
    { series: { esp_shared_state_up: '0+0x14 1+0x4' }, at: '4m' },
  ],
  EspHostBusy: [
    {
      series: { nodejs_eventloop_lag_p99_seconds: '0.11+0x30' },
      at: '6m',
      pendingAt: '4m30s',
      fires: {
        labels: ofJob,
        summary:
          'a:7190 has an event loop delay of 110ms: a plugin computes for too long, or the load is too high for one host',
      },
    },
    { series: { nodejs_eventloop_lag_p99_seconds: '0.09+0x30' }, at: '6m' },
  ],
  EspHostMemory: [
    {
      series: {
        process_resident_memory_bytes: '91+0x80',
        esp_memory_limit_bytes: '100+0x80',
        nodejs_heap_size_used_bytes: '10+0x80',
        esp_heap_limit_bytes: '50+0x80',
      },
      at: '16m',
      pendingAt: '14m',
      fires: { labels: ofJob, summary: 'a:7190 uses 91% of its memory' },
    },
    {
      series: {
        process_resident_memory_bytes: '60+0x80',
        esp_memory_limit_bytes: '100+0x80',
        nodejs_heap_size_used_bytes: '46+0x80',
        esp_heap_limit_bytes: '50+0x80',
      },
      at: '16m',
      fires: { labels: ofJob, summary: 'a:7190 uses 92% of its memory' },
    },
    {
      series: {
        process_resident_memory_bytes: '89+0x80',
        esp_memory_limit_bytes: '100+0x80',
        nodejs_heap_size_used_bytes: '44+0x80',
        esp_heap_limit_bytes: '50+0x80',
      },
      at: '16m',
    },
  ],
  EspLogLinesLost: [
    {
      series: { 'esp_log_lines_lost_total{reason="full"}': '0+0x4 1+0x4' },
      at: '90s',
      fires: { labels: onHost, summary: 'a:7190 loses log lines' },
    },
    { series: { 'esp_log_lines_lost_total{reason="full"}': '1+0x8' }, at: '90s' },
  ],
  EspConfigRefused: [
    {
      series: { esp_config_last_reload_successful: '1+0x4 0+0x10' },
      at: '4m',
      pendingAt: '3m',
      fires: {
        labels: ofJob,
        summary: 'a:7190 refused its new configuration and keeps the previous one: see the log',
      },
    },
    { series: { esp_config_last_reload_successful: '0+0x14 1+0x4' }, at: '4m' },
  ],
  EspCertificateExpires: [
    {
      series: { 'esp_certificate_expires_timestamp_seconds{listener="esp"}': `${13 * DAY}+0x4` },
      at: '1m',
      fires: { labels: { ...ofJob, listener: 'esp' }, summary: 'The certificate of a:7190 expires in 12d 23h 59m 0s' },
    },
    { series: { 'esp_certificate_expires_timestamp_seconds{listener="esp"}': `${15 * DAY}+0x4` }, at: '1m' },
  ],
  EspWebhooksParked: [
    {
      series: { esp_webhook_events_parked: '0+0x2 3+0x4' },
      at: '1m',
      fires: { labels: ofJob, summary: 'a:7190 failed to handle 3 webhook events' },
    },
    { series: { esp_webhook_events_parked: '3+0x2 0+0x4' }, at: '1m' },
  ],
  EspWebhooksLate: [
    {
      series: { esp_webhook_oldest_event_seconds: '301+0x20' },
      at: '2m',
      pendingAt: '1m',
      fires: { labels: ofJob, summary: 'a:7190 has had a webhook event waiting for 5m 1s' },
    },
    { series: { esp_webhook_oldest_event_seconds: '300+0x20' }, at: '2m' },
  ],
  EspWebhookForwardLate: [
    {
      series: { 'esp_webhook_oldest_forward_seconds{forward="crm"}': '901+0x20' },
      at: '2m',
      pendingAt: '1m',
      fires: {
        labels: { ...ofJob, forward: 'crm' },
        summary: 'a:7190 has not been able to forward a webhook to crm for 15m 1s',
      },
    },
    { series: { 'esp_webhook_oldest_forward_seconds{forward="crm"}': '900+0x20' }, at: '2m' },
  ],
  EspWebhookForwardDropped: [
    {
      series: { 'esp_webhook_forwards_total{forward="crm",outcome="dropped"}': '0+1x80' },
      at: '20m',
      fires: {
        labels: { ...onHost, forward: 'crm' },
        summary: 'a:7190 dropped 60 webhooks in 15 minutes instead of forwarding them to crm',
      },
    },
    { series: { 'esp_webhook_forwards_total{forward="crm",outcome="failed"}': '0+1x80' }, at: '20m' },
  ],
  EspWebhooksRefused: ['full', 'unstored', 'failed', 'unauthorized', 'accepted'].map((outcome): AlertCase => {
    const series = { [`esp_webhooks_total{path="/a",outcome="${outcome}"}`]: '0+1x80' };
    if (outcome === 'accepted') return { series, at: '15m' };
    const summary = `a:7190 refused 60 webhooks in 15 minutes: ${outcome}`;
    return { series, at: '20m', fires: { labels: { ...onHost, outcome }, summary } };
  }),
  WhatsAppAccountBlocked: ['368', '131031', '131047'].map((code): AlertCase => {
    const series = { [`esp_messages_errors_total{channel="w",code="${code}"}`]: '0+0x4 1+0x4' };
    if (code === '131047') return { series, at: '90s' };
    const summary = `w: Meta has blocked the business account (error ${code}), and nothing is sent`;
    return { series, at: '90s', fires: { labels: { ...ofChannel, code }, summary } };
  }),
  WhatsAppContactsUnreliable: [
    {
      series: { 'esp_contacts_unreliable_total{channel="w"}': '0+0x4 1+0x4' },
      at: '90s',
      fires: {
        labels: ofChannel,
        summary: 'w: its API client calls every number valid, so ValidateContact is meaningless',
      },
    },
    { series: { 'esp_contacts_unreliable_total{channel="w"}': '1+0x8' }, at: '90s' },
  ],
};
