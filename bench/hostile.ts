/**
 * `npm run bench:hostile`: every class of attack against `serve`, while another client measures. HOSTILE_MS (600000) is the
 * duration of a run. HOSTILE_ONLY is a regular expression that selects classes. HOSTILE_BIN is bin/esp-host.cjs of another
 * build, for comparison. The exit code is 1 if a bound is exceeded.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { attacks } from '../test/hostile/attacker/all.js';
import { type Attack, askAll, type Ground } from '../test/hostile/attacker/attack.js';
import { request } from '../test/hostile/attacker/esp.js';
import { CANARIES } from '../test/hostile/attacker/messages.js';
import { Peer } from '../test/hostile/attacker/peer.js';
import { type Logged, TOKEN, Victim } from '../test/hostile/attacker/victim.js';
import { percentile, type Seen, Witness } from '../test/hostile/attacker/witness.js';
import { root } from './child.ts';
import { certificate } from './tls.ts';

const ONLY = new RegExp(process.env.HOSTILE_ONLY ?? '');
const chosen = attacks.filter(({ name }) => ONLY.test(name));
const EACH_MS = Number(process.env.HOSTILE_MS ?? 600_000) / chosen.length;
const BIN = process.env.HOSTILE_BIN ?? join(root, 'bin/esp-host.cjs');
const SECRETS = [...CANARIES, TOKEN];

/** Short limits, so that connections are closed within the time of a class. */
const IMPATIENT = { frameMs: 2000, deadlineMs: 2000 };

/**
 * Parts of a class's time: a first attack, so that memory that the allocator keeps is not mistaken for growth; before, during
 * and after the measured attack. The rest is for the start.
 */
const SHARES = { first: 0.12, before: 0.12, during: 0.42, after: 0.24 };

/** p99 of other clients may double, or stay below this. */
const NOISE_MS = 25;
const PROBE_MS = 1000;
/** Growth of what the host holds. */
const GROWTH = 1.2;
/**
 * Growth of resident memory, in MB: the C library keeps pages of freed buffers, up to about the peak.
 */
const KEPT_MB = 64;

const HELD = ['nodejs_heap_size_used_bytes', 'nodejs_external_memory_bytes'];

/** Requests to warm up a host. */
const WARM_UP = 100_000;

interface Measured {
  readonly name: string;
  readonly perSecond: number;
  readonly problems: readonly (readonly [string, number])[];
  readonly seen: { readonly before: Seen; readonly during: Seen; readonly after: Seen };
  /** Resident, in MB. */
  readonly memory: { readonly before: number; readonly peak: number; readonly after: number };
  /** The part that the host holds: its heap and external buffers, without garbage. */
  readonly held: { readonly before: number; readonly after: number };
  readonly log: Logged;
  readonly leaked: boolean;
  readonly alive: boolean;
}

class Attacker {
  done = 0;
  problems: [string, number][] = [];
  /** Resolves when the attack starts. */
  readonly begun: Promise<unknown>;
  readonly #child: ChildProcess;

  constructor({ name }: Attack, ground: Ground) {
    const own = fileURLToPath(new URL('hostile-attacker.ts', import.meta.url));
    this.#child = fork(own, [name, JSON.stringify(ground)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    // A low priority, to measure the host and not the competition for the processor.
    setPriority(this.#child.pid as number, constants.priority.PRIORITY_BELOW_NORMAL);
    this.begun = once(this.#child, 'message');
    this.#child.on('message', (report: { done: number; problems: [string, number][] }) => {
      this.done = report.done;
      this.problems = report.problems;
    });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

async function warmUp({ esp, tls }: Ground): Promise<void> {
  const peer = await Peer.open(esp, undefined, tls ? 'ESP over TLS' : 'ESP');
  const ask = (id: number): Buffer => request(id, 'Messaging', 'ValidateContact', [['Id', '+16315551002']]);
  for (let done = 0; done < WARM_UP; )
    done += await askAll(
      peer,
      'warm-up',
      Array.from({ length: 500 }, () => ask),
    );
  peer.reset();
}

/** Memory without garbage, in MB. */
async function memoryOf(victim: Victim): Promise<{ resident: number; held: number }> {
  await victim.collectGarbage().catch(() => undefined);
  const bytes = await Promise.all(HELD.map((name) => victim.metric(name)));
  return { resident: victim.residentMb, held: bytes.reduce((sum, one) => sum + one) / 2 ** 20 };
}

async function measure(attack: Attack, pem: string): Promise<Measured> {
  const limits = { ...IMPATIENT, connections: attack.limit ?? 1000 };
  const victim = await Victim.start({
    bin: BIN,
    inspected: true,
    limits,
    ...(attack.tls === undefined ? {} : { tls: pem }),
  });
  const { ground } = victim;
  await warmUp(ground);
  const first = new Attacker(attack, ground);
  await first.begun;
  await sleep(EACH_MS * SHARES.first);
  await first.stop();
  const witness = await Witness.start(ground);
  await sleep(EACH_MS * SHARES.before);
  const before = { seen: witness.take(), memory: await memoryOf(victim) };
  victim.logged();
  const attacker = new Attacker(attack, ground);
  await attacker.begun;
  witness.take();
  let peak = before.memory.resident;
  const startedAt = performance.now();
  const sampler = setInterval(() => {
    peak = Math.max(peak, victim.residentMb || 0);
  }, 50);
  await sleep(EACH_MS * SHARES.during);
  const during = witness.take();
  const seconds = (performance.now() - startedAt) / 1000;
  await attacker.stop();
  // Time to close the attacker's connections.
  await sleep(EACH_MS * (SHARES.after / 5));
  witness.take();
  await sleep(EACH_MS * SHARES.after * 0.8);
  clearInterval(sampler);
  const after = { seen: witness.take(), memory: await memoryOf(victim) };
  await witness.stop(5000);
  let leaked = false;
  const logged = victim.logged((line) => {
    leaked ||= SECRETS.some((secret) => line.includes(secret));
  });
  const { alive } = victim;
  await victim.stop('SIGKILL');
  return {
    name: attack.name,
    perSecond: attacker.done / seconds,
    problems: attacker.problems,
    seen: { before: before.seen, during, after: after.seen },
    memory: { before: before.memory.resident, peak, after: after.memory.resident },
    held: { before: before.memory.held, after: after.memory.held },
    log: logged,
    leaked,
    alive,
  };
}

const p = ({ latencies }: Seen, share: number): number => percentile(latencies, share);

/** The exceeded bounds, as texts. */
function broken({ seen, memory, held, alive, leaked, problems }: Measured): string[] {
  const { before, during, after } = seen;
  const said: string[] = [];
  const no = (so: boolean, text: string): void => {
    if (so) said.push(text);
  };
  no(!alive, 'the host has ended');
  no(leaked, 'a secret stands in the log');
  for (const [name, phase] of Object.entries({ during, after })) {
    const { asked, latencies, wrong, twice, closed, longestProbeMs, probesFailed, turnedAway } = phase;
    no(latencies.length < asked * 0.9, `${name}: ${latencies.length} of ${asked} requests answered`);
    no(wrong.length > 0, `${name}: ${wrong.length} wrong answers: ${wrong[0]}`);
    no(twice > 0, `${name}: ${twice} second replies`);
    no(closed > 0, `${name}: others' connection was closed ${closed} times`);
    no(turnedAway > 0, `${name}: ${turnedAway} of ${turnedAway + phase.newcomers} new clients turned away`);
    no(longestProbeMs > PROBE_MS, `${name}: a probe took ${longestProbeMs.toFixed(0)} ms`);
    no(probesFailed.length > 0, `${name}: ${probesFailed.length} probes failed: ${probesFailed[0]}`);
    const most = Math.max(NOISE_MS, 2 * p(before, 0.99));
    no(!(p(phase, 0.99) <= most), `${name}: p99 ${p(phase, 0.99).toFixed(1)} ms`);
  }
  no(!(held.after <= held.before * GROWTH), `held memory: ${held.before.toFixed(1)} -> ${held.after.toFixed(1)} MB`);
  no(
    !(memory.after <= memory.before + KEPT_MB),
    `resident memory grew by ${(memory.after - memory.before).toFixed(0)} MB`,
  );
  for (const [problem, times] of problems) said.push(`the attacker: ${problem} (${times})`);
  return said;
}

function print(measured: Measured): void {
  const { name, perSecond, seen, memory, held, log } = measured;
  const times = (share: number): string =>
    [seen.before, seen.during, seen.after].map((one) => p(one, share).toFixed(1).padStart(7)).join('');
  const cells = [
    name.padEnd(46),
    perSecond.toFixed(perSecond < 10 ? 1 : 0).padStart(9),
    times(0.5),
    times(0.99),
    Math.max(seen.during.longestProbeMs, seen.after.longestProbeMs).toFixed(0).padStart(7),
    [memory.before, memory.peak, memory.after].map((mb) => mb.toFixed(0).padStart(5)).join(''),
    [held.before, held.after].map((mb) => mb.toFixed(0).padStart(5)).join(''),
    `${log.lines}`.padStart(7),
    `${(log.bytes / 1000).toFixed(1)}`.padStart(9),
  ];
  console.log(cells.join(' '));
  for (const text of broken(measured)) console.log(`    ${text}`);
}

async function main(): Promise<void> {
  const tls = await certificate();
  const pem = readFileSync(tls.file, 'utf8');
  let bad = 0;
  console.log(`Node ${process.version}, ${(EACH_MS / 1000).toFixed(1)} s per class; times in ms, memory in MB\n`);
  const columns = [
    'attacks/s',
    'p50 before during after',
    'p99 before during after',
    'probe',
    'RSS before peak after',
    'held before after',
  ];
  console.log(['class', ...columns, 'log lines', 'log kB'].join(' | '));
  try {
    for (const attack of chosen) {
      const measured = await measure(attack, pem);
      print(measured);
      if (broken(measured).length > 0) bad++;
    }
  } finally {
    tls.remove();
  }
  console.log(`\n${chosen.length - bad} of ${chosen.length} classes within their bounds`);
  process.exit(bad === 0 ? 0 : 1);
}

await main();
