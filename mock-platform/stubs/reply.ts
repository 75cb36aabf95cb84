import { EspFault, type EspMessage, type EspRequest, faultTo, MessageId, responseTo } from 'esp-host/wire';
import type { ReplyDefinition } from './definition.js';
import { listTemplate, textTemplate } from './values.js';

/** Makes the reply to a request; undefined: it is never answered. */
export type ReplyTemplate = (request: EspRequest) => EspMessage | undefined;

/** The definition is checked already, so that nothing is left to report. */
const nothing = (): undefined => undefined;

/** `type` stands as AppType in the reply to a request that has none. */
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
