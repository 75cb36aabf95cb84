import Sequencer from '@jest/test-sequencer';

/** Suites that start programs or a browser, the longest first. */
const SLOW = [
  /docs\/(commands|how-to|snippets)/,
  /\.browser\.test/,
  /(end-to-end|hostile)\//,
  /docs\/|plugins\/messaging\/s|test\/cli\//,
];

const rank = ({ path }) => {
  const found = SLOW.findIndex((pattern) => pattern.test(path));
  return found < 0 ? SLOW.length : found;
};

/**
 * Starts slow suites first, so that none of them begins when the other workers have nothing left to do. Jest orders by
 * the times of earlier runs; where there are none, as in CI, by the size of the files.
 */
export default class SlowFirst extends Sequencer {
  async sort(tests) {
    return (await super.sort(tests)).toSorted((one, other) => rank(one) - rank(other));
  }
}
