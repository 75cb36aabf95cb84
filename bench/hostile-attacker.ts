/**
 * The attacker of bench/hostile.ts, in a process of its own: `hostile-attacker.ts NAME GROUND` goes on until it is told
 * to stop, then prints what it has done and ends.
 */
import { attacks } from '../test/hostile/attacker/all.js';
import { attackUntil, type Ground } from '../test/hostile/attacker/attack.js';

/** Between an attack that failed and the next, in ms. */
const PAUSE_MS = 500;

const [name, ground = ''] = process.argv.slice(2);
const attack = attacks.find((one) => one.name === name);
if (attack === undefined) throw new Error(`no attack is called ${name}`);

let over = false;
let done = 0;
const problems = new Map<string, number>();
process.on('message', () => {
  over = true;
});
process.on('disconnect', () => process.exit(1));
function report(): void {
  process.send?.({ done, problems: [...problems] });
}
report();
setInterval(report, 100);

const counted = {
  ...attack,
  async *steps(where: Ground) {
    for await (const step of attack.steps(where)) {
      done += step;
      yield step;
    }
  },
};
while (!over) {
  try {
    await attackUntil(counted, JSON.parse(ground), () => over);
  } catch (error) {
    const { message } = error as Error;
    problems.set(message, (problems.get(message) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
process.exit(0);
