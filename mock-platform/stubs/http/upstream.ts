import { setTimeout as delay } from 'node:timers/promises';
import { defineMock, type Mock, type MockDefinition, z } from 'esp-host';
import { startUpstream, type Upstream } from '../../upstreams/index.js';
import { type HttpStubDefinition, httpStubSchema } from './definition.js';
import type { HttpStubSet } from './stub-set.js';

const settings = z.strictObject({
  stubs: z.array(httpStubSchema).default([]),
  states: z.record(z.string(), z.string()).default({}),
});

/** What a strategy's test case can set of a stubbed upstream. */
export interface HttpStubSettings {
  /** Stubs before those of the file. */
  readonly stubs: HttpStubDefinition[];
  /** States by scenario. */
  readonly states: Record<string, string>;
}

/** The mock of a stubbed upstream. */
export interface StubbedUpstream extends Mock<HttpStubSettings> {
  readonly stubs: HttpStubSet;
}

/** Defines the mock of a stubbed upstream. @param env the environment variable for its URL */
export const stubbedUpstream = (
  name: string,
  stubs: HttpStubSet,
  env: string,
): MockDefinition<typeof settings, StubbedUpstream> =>
  defineMock({
    name,
    settings,
    async start({ serve, now }) {
      const stopping = new AbortController();
      const url = await serve({
        respond: async (request) => {
          const { response, delayMs } = stubs.answer(request, now());
          if (delayMs > 0) await delay(delayMs, undefined, { signal: stopping.signal });
          return response ?? never();
        },
        error: (status, details) => ({ status, body: { error: details } }),
      });
      return {
        stubs,
        env: { [env]: url },
        summary: () => [[name, `${url}, ${countOf(stubs.list().length)}`]],
        configure: ({ stubs: added = [], states = {} }) => {
          for (const stub of added.toReversed()) stubs.add(stub, 'first');
          for (const [scenario, state] of Object.entries(states)) stubs.setState(scenario, state);
        },
        reset: () => stubs.restore(),
        stop: () => stopping.abort(),
      };
    },
  });

/** Options of {@link startHttpStubServer}. */
export interface HttpStubServerOptions {
  readonly stubs: HttpStubSet;
  /** @default 0, any free port */
  readonly port?: number | undefined;
  /** Private key and certificate as PEM texts. @default none: the server speaks plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

/** Starts an HTTP server on 127.0.0.1 that answers from stubs. @throws the error of `listen`, such as EADDRINUSE */
export const startHttpStubServer = ({ stubs, port, tls }: HttpStubServerOptions): Promise<Upstream<StubbedUpstream>> =>
  startUpstream(stubbedUpstream('stubs', stubs, 'STUBS_URL'), {
    ...{ name: 'stubs', port, tls },
    settings: { stubs: [], states: {} },
  });

const never = (): Promise<never> => new Promise(() => undefined);

const countOf = (stubs: number): string => (stubs === 1 ? '1 stub' : `${stubs} stubs`);
