import { EspFault, type EspMessage, type EspRequest, faultTo, MessageId, responseTo } from '#wire';
import type { ReplyDefinition } from './definition.js';
import { listTemplate, textTemplate } from './values.js';

/** Creates the reply to a request, or undefined for none. */
export type ReplyTemplate = (request: EspRequest) => EspMessage | undefined;

/** Neither reports nor returns anything: the definition was validated before. */
const nothing = (): undefined => undefined;

/** `type` is the AppType of replies to requests without one. */
export function replyTemplate(reply: ReplyDefinition, type: number): ReplyTemplate {
  const { parameters, fault, request: whole, messageId = MessageId.Event3rdServerResponse } = reply;
  const userData = reply.userData === undefined ? nothing : listTemplate(reply.userData, nothing);
  if (parameters !== undefined) {
    const list = listTemplate(parameters, nothing);
    return (request) => responseTo(request, type, list(request), userData(request));
  }
  if (fault !== undefined) {
    const text = textTemplate(fault.text, nothing);
    return (request) => faultTo(request, type, new EspFault(fault.code, text(request)));
  }
  if (whole === undefined) return nothing;
  const list = listTemplate(whole, nothing);
  return (request) => ({
    messageId,
    referenceId: request.referenceId,
    request: list(request),
    userData: userData(request),
  });
}
