/** `npm start` passes on the Ctrl-C that the terminal has already given: two signals so close together are one. */
const ONE_PRESS_MS = 300;

/**
 * Resolves at Ctrl-C or SIGTERM. Another signal, from somebody who does not want to wait, ends the process at once. To
 * be called before the start, so that a signal that comes meanwhile is not lost.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const stop = (signal: NodeJS.Signals): void => {
      first ??= performance.now();
      if (performance.now() - first > ONE_PRESS_MS) process.exit(130);
      resolve(signal);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}
