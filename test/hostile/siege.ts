import { expect } from '@jest/globals';
import { type Attack, attackUntil } from './attacker/attack.js';
import { CANARIES } from './attacker/messages.js';
import { soon } from './attacker/peer.js';
import { TOKEN, Victim, type VictimOptions } from './attacker/victim.js';
import { Witness } from './attacker/witness.js';

const SECRETS = [...CANARIES, TOKEN];

/** How long a probe may take here: far more than the second that the bench allows, for tests share the machine. */
const PROBE_MS = 10_000;

/** Lines that an attack may leave: they are rationed by kind and address, for 200 of them; and each has a bound. */
const LINES = 1000;
const LINE_LENGTH = 20_000;

/** The default duration of an attack, in ms. */
const ATTACK_MS = 800;

/** A host under attack, and another client that is served meanwhile. */
export class Siege {
  private constructor(
    readonly victim: Victim,
    readonly witness: Witness,
    private readonly memoryMb: number,
  ) {}

  static async begin(options: VictimOptions): Promise<Siege> {
    const victim = await Victim.start({ ...options, inspected: true });
    const witness = await Witness.start(victim.ground);
    await victim.collectGarbage();
    victim.logged();
    return new Siege(victim, witness, victim.residentMb);
  }

  /**
   * Attacks for `ms`, or until there were so many attacks. Others must be served as if nothing happened, the log stay
   * short and keep its secrets, and the host forget it all when the attack is over.
   */
  async withstands(attack: Attack, { ms = ATTACK_MS, attacks = Number.POSITIVE_INFINITY } = {}): Promise<void> {
    this.witness.take();
    const end = performance.now() + ms;
    const made = await attackUntil(attack, this.victim.ground, (count) => count >= attacks || performance.now() > end);
    expect(made).toBeGreaterThan(0);
    await this.witness.more(5);
    await this.#forgets();
    this.#saw();
    this.#wrote();
  }

  /** What others noticed. */
  #saw(): void {
    const { wrong, twice, closed, probesFailed, turnedAway, longestProbeMs } = this.witness.take();
    expect({ wrong, twice, closed, probesFailed, turnedAway, alive: this.victim.alive }).toEqual({
      wrong: [],
      twice: 0,
      closed: 0,
      probesFailed: [],
      turnedAway: 0,
      alive: true,
    });
    expect(longestProbeMs).toBeLessThan(PROBE_MS);
  }

  #wrote(): void {
    const leaks: string[] = [];
    const { lines, longest } = this.victim.logged((line) => {
      if (SECRETS.some((secret) => line.includes(secret))) leaks.push(line.slice(0, 500));
    });
    expect(leaks).toEqual([]);
    expect(lines).toBeLessThan(LINES);
    expect(longest).toBeLessThan(LINE_LENGTH);
  }

  /** The attacker's connections are gone, and no request is in flight. */
  async #forgets(): Promise<void> {
    await this.victim.settles('esp_requests_in_flight', 0);
    await this.#only();
  }

  /** The witness has one connection; its new clients come and go. */
  async #only(): Promise<void> {
    const end = performance.now() + PROBE_MS;
    while ((await this.victim.metric('esp_connections')) > 2) {
      if (performance.now() > end) throw new Error('the connections of an attacker stay open');
      await soon(50);
    }
  }

  /** What the host holds when all is over, beyond what it held at the start, in MB. Garbage doesn't count. */
  async growthMb(): Promise<number> {
    await this.victim.collectGarbage();
    return this.victim.residentMb - this.memoryMb;
  }

  /** Ends whatever a failed test has left. */
  async abandon(): Promise<void> {
    await this.witness.stop(0);
    await this.victim.stop('SIGKILL');
  }

  /** Ends both. @returns how many requests of others were never answered, and the exit code */
  async end(): Promise<{ unanswered: number; code: number | null }> {
    const unanswered = await this.witness.stop();
    return { unanswered, code: await this.victim.stop() };
  }
}
