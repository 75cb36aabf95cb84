/**
 * The attacker process of bench/hostile.ts: `hostile-attacker.ts NAME GROUND` attacks until it is told to stop, and then
 * prints its counts.
 */
import { attacks } from '../test/hostile/attacker/all.js';
import { attackUntil, type Ground } from '../test/hostile/attacker/attack.js';

/** Pause after a failed attack, in ms. */
const PAUSE_MS = 500;

const [name, ground = ''] = process.argv.slice(2);
const attack = attacks.find((one) => one.name === name);
if (attack === undefined) throw new Error(`unknown attack ${name}`);

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
