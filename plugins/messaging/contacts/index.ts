import type { Got } from 'esp-host';
import { ApiClient } from '../api/api-client.js';
import { ApiKey } from '../api/credentials.js';
import { Login } from '../api/login.js';
import type { WhatsAppSettings } from '../channel-schema.js';
import type { ContactLookup } from './contact-lookup.js';
import { ContactsEndpoint } from './contacts-endpoint.js';
import { NumberPlan } from './number-plan.js';

export type { ContactAnswer, ContactLookup } from './contact-lookup.js';

/** The driver that a channel's `contacts` name. `http` is for calls that belong to no request. */
export function contactLookup(channel: string, settings: WhatsAppSettings['contacts'], http: Got): ContactLookup {
  switch (settings.driver) {
    case 'on-premises': {
      const login = new Login(channel, settings, http);
      return new ContactsEndpoint(new ApiClient(channel, settings, login), channel, 'old');
    }
    case 'gateway':
      return new ContactsEndpoint(new ApiClient(channel, settings, new ApiKey(settings)), channel, 'new');
    case 'number-plan':
      return new NumberPlan();
  }
}
