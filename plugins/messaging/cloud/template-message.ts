import type { Template } from '../config/index.js';

/** A recipient: a phone number in E.164, or a business-scoped user id, such as `US.13491208655302741918`. */
export type Recipient = string;

const USER_ID = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/;

/** Whether a text is a business-scoped user id. */
export const isUserId = (text: string): boolean => USER_ID.test(text);

/**
 * The body of `POST /PHONE_NUMBER_ID/messages` or `/marketing_messages`.
 * @param callbackData comes back with each webhook about the message
 */
export function templateMessage(to: Recipient, template: Template, callbackData: string): object {
  const { name, language } = template;
  const components = componentsOf(template);
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...(isUserId(to) ? { recipient: to } : { to: to.replace(/^\+/, '') }),
    type: 'template',
    template: {
      name,
      language: { policy: 'deterministic', code: language.code },
      ...(components.length === 0 ? {} : { components }),
    },
    biz_opaque_callback_data: callbackData,
  };
}

const textParameter = (text: string) => ({ type: 'text', text });

function componentsOf({ header, parameters, buttons }: Template): object[] {
  const head = header === undefined ? [] : [{ type: 'header', parameters: [headerParameter(header)] }];
  const body = parameters.length === 0 ? [] : [{ type: 'body', parameters: parameters.map(textParameter) }];
  return [...head, ...body, ...buttons.map(button)];
}

function headerParameter({ text, image, document }: NonNullable<Template['header']>): object {
  if (text !== undefined) return textParameter(text);
  return image === undefined ? { type: 'document', document } : { type: 'image', image };
}

function button({ index, urlSuffix, payload }: Template['buttons'][number]): object {
  return urlSuffix === undefined
    ? { type: 'button', sub_type: 'quick_reply', index, parameters: [{ type: 'payload', payload }] }
    : { type: 'button', sub_type: 'url', index, parameters: [textParameter(urlSuffix)] };
}
