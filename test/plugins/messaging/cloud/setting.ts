import { type FakeReply, fakeHttp, testPlugin } from 'esp-host/testing';
import messaging from '../../../../plugins/messaging/index.js';

export const GRAPH = 'https://graph.example';
export const TOKEN = 'EAAG-hunter2-token';
export const METHOD = 'ChatService.InviteToChat';
export const CUSTOMER = '+16315551002';
export const ASKED = { _umsClientId: CUSTOMER, _umsBusinessId: '+919876543210' };

/** Settings of `api` for a channel with Cloud API. */
export const API = {
  driver: 'cloud',
  url: GRAPH,
  phoneNumberId: '1064',
  businessAccountId: '1029',
  token: TOKEN,
};

export const WELCOME = { name: 'chat_invitation', language: { code: 'en_US' }, parameters: ['support team'] };

/** `WELCOME`, as the business account lists it. */
export const APPROVED = {
  name: 'chat_invitation',
  language: 'en_US',
  status: 'APPROVED',
  category: 'UTILITY',
  components: [{ type: 'BODY', text: 'Our {{1}} writes to you.' }],
};

export const templates = (...data: object[]): FakeReply => ({
  url: `${GRAPH}/v26.0/1029/message_templates?*`,
  json: { data, paging: { cursors: { before: 'a', after: 'b' } } },
});

/** Replies of the edge that takes messages. */
export const messages = (reply: Partial<FakeReply>, edge = 'messages'): FakeReply => ({
  method: 'POST',
  url: `${GRAPH}/v26.0/1064/${edge}`,
  ...reply,
});

export const ACCEPTED = {
  messaging_product: 'whatsapp',
  contacts: [{ input: '16315551002', wa_id: '16315551002' }],
  messages: [{ id: 'wamid.1', message_status: 'accepted' }],
};

export const SENT = messages({ json: ACCEPTED });

/** An error as Graph API answers it. */
export const graphError = (code: number, details = 'details of Meta') => ({
  error: {
    message: `(#${code}) title of Meta`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details },
    fbtrace_id: 'AbC',
  },
});

/** The plugin with a channel over Cloud API, whose API gives these replies. */
export const cloudPlugin = (replies: readonly FakeReply[], parts?: Parts) =>
  testPlugin(messaging, { http: fakeHttp(replies), channels: { whatsapp: cloudChannel(parts) } });

/** A channel over Cloud API. */
export const cloudChannel = ({
  api = {},
  invitations = { default: 'welcome', templates: { welcome: WELCOME } },
}: Parts = {}) => ({
  type: 'whatsapp',
  phoneNumber: '+919876543210',
  api: { ...API, ...api },
  contacts: { from: 'number-plan' },
  invitations,
});

interface Parts {
  readonly api?: object;
  readonly invitations?: object;
}
