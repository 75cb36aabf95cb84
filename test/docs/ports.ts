import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';
import { file, folder } from '../support/files.js';

/** The ports on the pages: all defaults, and those of examples. */
const NAMED = [7110, 7120, 7121, 7130, 7180, 7190, 7191, 7200, 8080, 9090];

/** Below the ephemeral ports. */
const [FIRST, LAST] = [10_000, 32_000];

/** Maps the ports on the pages to free ones. */
export class Ports {
  readonly #real: ReadonlyMap<number, number>;

  private constructor(real: ReadonlyMap<number, number>) {
    this.#real = real;
  }

  static async free(): Promise<Ports> {
    for (;;) {
      const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - NAMED.length));
      const real = new Map(NAMED.map((port, index) => [port, first + index]));
      if ((await Promise.all([...real.values()].map(isFree))).every(Boolean)) return new Ports(real);
    }
  }

  /** The environment that makes Node and curl use the free ports. */
  environment(): NodeJS.ProcessEnv {
    const preload = pathToFileURL(new URL('default-ports.mjs', import.meta.url).pathname);
    const home = folder();
    const rules = [...this.#real].map(([page, port]) => `connect-to = "127.0.0.1:${page}:127.0.0.1:${port}"\n`);
    file('.curlrc', `fail-with-body\n${rules.join('')}`, home);
    return {
      PORTS: JSON.stringify(Object.fromEntries(this.#real)),
      NODE_OPTIONS: `--import=${preload}`,
      CURL_HOME: home,
    };
  }

  /** A text with the ports of the pages. */
  asNamed(text: string): string {
    return [...this.#real].reduce((so, [page, port]) => so.replaceAll(`:${port}`, `:${page}`), text);
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
