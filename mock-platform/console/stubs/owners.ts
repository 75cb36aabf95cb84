import type { Configuration, Stub, StubOwner } from '../api/types.js';

/** The stubbed applications and upstreams: those of the configuration, and those that stubs name. */
export function ownersOf(configuration: Configuration | undefined, stubs: readonly Stub[]): StubOwner[] {
  const { applications = [], upstreams = [] } = configuration ?? {};
  const all: StubOwner[] = [
    ...applications.filter(({ kind }) => kind === 'stubs').map(({ name }) => ({ application: name })),
    ...upstreams.filter(({ kind }) => kind === 'stubs').map(({ name }) => ({ upstream: name })),
    ...stubs,
  ];
  return [...new Map(all.map((owner) => [ownerKey(owner), ownerAlone(owner)])).values()];
}

/** Equal for the same owner. */
export const ownerKey = ({ application, upstream }: StubOwner): string =>
  application === undefined ? `upstream ${upstream}` : `application ${application}`;

export const ownerText = ({ application, upstream }: StubOwner): string => application ?? `${upstream} (HTTP)`;

const ownerAlone = ({ application, upstream }: StubOwner): StubOwner =>
  application === undefined ? { upstream } : { application };
