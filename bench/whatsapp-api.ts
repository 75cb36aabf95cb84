/** The mock of the WhatsApp Business API client, as a platform would start it. */

import { Secret } from 'esp-host';
import { startUpstream } from 'esp-host/mock';
import mock from '#messaging-mock';

export interface ApiOptions {
  readonly port?: number;
  readonly version?: string;
  readonly numbers: readonly string[];
}

export const startWhatsAppApi = ({ port = 0, version = '2.41.3', numbers }: ApiOptions) =>
  startUpstream(mock, {
    ...{ name: 'whatsapp', port },
    settings: {
      ...{ version, registeredNumber: '+919876543210', username: 'admin', password: new Secret('secret') },
      ...{ numbers: [...numbers], templates: [], cloud: mock.settings.shape.cloud.parse({}) },
    },
  });
