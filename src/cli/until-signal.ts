/**
 * Resolves at Ctrl-C or SIGTERM. A second signal ends the process at once. To be called before the start, so that a
 * signal that comes meanwhile is not lost.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) {
      process.once(signal, () => {
        resolve(signal);
        for (const again of signals) process.on(again, () => process.exit(130));
      });
    }
  });
}
