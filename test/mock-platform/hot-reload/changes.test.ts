import { describe, expect, it } from '@jest/globals';
import type { PluginDefinition } from 'esp-host';
import type { Prepared } from '#server';
import { changesBetween, isEmpty } from '../../../mock-platform/hot-reload/changes.js';
import odd from '../../fixtures/plugins/odd/index.js';
import upstream from '../../fixtures/plugins/upstream/index.js';

const [count, repeat] = odd.methods;
const methods = (...some: (typeof count | undefined)[]): PluginDefinition =>
  ({ ...odd, methods: some.filter((one) => one !== undefined) }) as PluginDefinition;

const services = {};
const config = { listeners: { esp: { port: 1 } } };

/** The part of a configuration that is compared. */
const prepared = (plugins: Record<string, PluginDefinition>, more: object = {}): Prepared =>
  ({
    plugins: Object.entries(plugins).map(([use, definition]) => ({ use, definition })),
    ...{ services, loaded: { config }, tls: undefined, httpTls: undefined, webhooksTls: undefined, ...more },
  }) as unknown as Prepared;

describe('the changes between two configurations', () => {
  it('are none if both are the same', () => {
    const same = changesBetween(prepared({ odd }), prepared({ odd }));
    expect([same, isEmpty(same)]).toEqual([{ plugins: [], configuration: false }, true]);
  });

  it('are the plugins whose code changed, that were added, and that were removed', () => {
    const before = prepared({ odd: methods(count), same: upstream, gone: methods(repeat) });
    const after = prepared({ odd: methods(repeat, count), same: upstream, more: methods(count) });
    const changes = changesBetween(before, after);
    expect(changes).toEqual({
      configuration: false,
      plugins: [
        { use: 'odd', methods: ['Odd.Repeat', 'Odd.Count'], added: ['Odd.Repeat'], removed: [] },
        { use: 'more', methods: ['Odd.Count'], added: ['Odd.Count'], removed: [] },
        { use: 'gone', methods: [], added: [], removed: ['Odd.Repeat'] },
      ],
    });
    expect(isEmpty(changes)).toBe(false);
  });

  it('are shown for code that changed without its methods', () => {
    const [swapped] = changesBetween(prepared({ odd }), prepared({ odd: { ...odd } })).plugins;
    expect(swapped).toMatchObject({ use: 'odd', added: [], removed: [] });
  });

  const http = (token: string) => ({ listeners: { http: { token: { reveal: () => token } } } });

  it.each<[string, object, object]>([
    ['config.yaml', {}, { loaded: { config: { listeners: { esp: { port: 2 } } } } }],
    ['a certificate', { tls: { certificate: 'a' } }, { tls: { certificate: 'b' } }],
    ['a certificate of HTTP', {}, { httpTls: {} }],
    ['a certificate of webhooks', {}, { webhooksTls: {} }],
    ['a token', { loaded: { config: http('a') } }, { loaded: { config: http('b') } }],
    ['what the plugins share', {}, { services: {} }],
  ])('are of the configuration if %s changed', (_what, before, after) => {
    const changes = changesBetween(prepared({}, before), prepared({}, after));
    expect([changes, isEmpty(changes)]).toEqual([{ plugins: [], configuration: true }, false]);
  });
});
