import { join } from 'node:path';
import { AdminSetting, CHANNEL_CONFIG, CHANNEL_URL, WORLD } from '../../../mock-platform/admin/setting.js';
import { ROOT } from '../../../support/files.js';

const UPSTREAM = `  whatsapp:
    plugin: ${join(ROOT, 'plugins/messaging')}
    settings:
      registeredNumber: "+919876543210"
      password: hunter2
      numbers: ["+16315551002"]
      templates: [{ namespace: n_1, name: hello, language: en_US, body: "Hello {{1}}" }]
`;

/** A platform whose channel uses the mock of the WhatsApp Business API client. */
export const whatsAppSetting = (): AdminSetting =>
  new AdminSetting(
    CHANNEL_CONFIG.replace(CHANNEL_URL, '${WHATSAPP_URL}'),
    WORLD.replace(/^upstreams: \{ (billing: .*) \}$/m, `upstreams:\n  $1\n${UPSTREAM.trimEnd()}`),
  );
