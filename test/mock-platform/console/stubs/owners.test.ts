import { describe, expect, it } from '@jest/globals';
import type { Stub } from '../../../../mock-platform/console/api/types.js';
import { ownerKey, ownersOf, ownerText } from '../../../../mock-platform/console/stubs/owners.js';
import { configuration } from '../fake/world.js';

const stub = (owner: Partial<Stub>): Stub => ({ id: 's', name: 'x', hits: 0, definition: {}, ...owner });

describe('the owners of stubs', () => {
  it('are the stubbed applications and upstreams, each once', () => {
    const stubs = [stub({ application: 'E-mail Server' }), stub({ upstream: 'billing' }), stub({ upstream: 'other' })];
    expect(ownersOf(configuration(0), stubs)).toEqual([
      { application: 'Classification Server' },
      { application: 'E-mail Server' },
      { upstream: 'billing' },
      { upstream: 'other' },
    ]);
    expect(ownersOf(undefined, [])).toEqual([]);
  });

  it('are told apart, even with the same name', () => {
    const [application, upstream] = [{ application: 'billing' }, { upstream: 'billing' }];
    expect([ownerText(application), ownerText(upstream)]).toEqual(['billing', 'billing (HTTP)']);
    expect(ownerKey(application)).not.toBe(ownerKey(upstream));
  });
});
