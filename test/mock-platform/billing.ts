import { join } from 'node:path';
import { ROOT } from '../support/files.js';

/** A plugin with an HTTP upstream, a mock of it, and stubs for it. */
export const PLUGIN = join(ROOT, 'test/fixtures/plugins/billing');

/** A config.yaml with the plugin alone. */
export const CONFIG = `application: { name: Own, type: 23 }
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
plugins: [{ use: ${PLUGIN}, options: { url: "\${BILLING_URL}" } }]
`;

/** A platform.yaml around it. @param upstreams YAML */
export const world = (upstreams: string): string => `interactionServer: { port: 0 }
console: { port: 0 }
applications: [{ name: Own, type: 23, address: host }]
upstreams: ${upstreams}
`;
