import { type Address, addressText } from '../configuration/index.js';
import type { ExportTarget } from '../export/index.js';
import type { JournalEntry } from '../journal/index.js';
import type { RunningPlatform } from './running-platform.js';

const INTERACTION_SERVER = { name: 'Interaction Server', type: 111 };

/** Whom an entry's request was sent to, and who answered it. */
export function exportTarget(platform: RunningPlatform, { application, via }: JournalEntry): ExportTarget {
  const { applications, interactionServer, esp, prepared, stubServers } = platform;
  const known = [...applications, prepared.application].find(({ name }) => name === application) ?? INTERACTION_SERVER;
  const { name, type } = known;
  const to = (address: Address, ...more: string[]): ExportTarget => ({
    name,
    type,
    options: ['--to', addressText(address), ...more],
  });
  if (via !== undefined) return to(interactionServer);
  const stubbed = stubServers.find(({ stubs }) => stubs.application.name === application);
  if (stubbed !== undefined) return to(stubbed);
  if (application !== prepared.application.name) return to(interactionServer);
  const { tls } = prepared.loaded.config.listeners.esp;
  return tls === undefined ? to(esp) : to(esp, '--tls-ca', tls.certificate);
}
