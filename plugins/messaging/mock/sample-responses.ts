import type { SampleResponses } from 'esp-host';

const SAMPLE_NUMBER = '16315551002';

/** Responses of Messaging.ValidateContact. From 2.43 on, the API client reports every number as valid. */
export const contactResponses: SampleResponses = ({ Id: id = '' }) => {
  const digits = typeof id === 'object' ? '' : String(id).replaceAll(/\D/g, '');
  const number = `+${digits || SAMPLE_NUMBER}`;
  return [
    { parameters: { Id: number }, note: 'on WhatsApp' },
    { parameters: { Id: '' }, note: 'not on WhatsApp' },
    { parameters: { Id: number }, note: 'not on WhatsApp, API client 2.45.1' },
  ];
};

const SINCE = '2026-11-30T16:59:08.000Z';

/** Responses of ChatService.GetInvitation. */
export const invitationResponses: SampleResponses = () => [
  { parameters: { Status: 'read', Since: SINCE }, note: 'read' },
  { parameters: { Status: 'delivered', Since: SINCE }, note: 'delivered' },
  { parameters: { Status: 'sent', Since: SINCE }, note: 'the phone is off' },
  { parameters: { Status: 'failed', Since: SINCE, ErrorCode: 131026 }, note: 'not on WhatsApp' },
];
