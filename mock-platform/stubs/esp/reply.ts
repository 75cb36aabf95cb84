import { EspFault, type EspMessage, type EspRequest, faultTo, MessageId, responseTo } from '#wire';
import { unreported } from '../common/condition.js';
import type { ReplyDefinition } from './definition.js';
import { templates } from './template.js';
import { listTemplate } from './values.js';

/** Creates the reply to a request, or undefined for none. */
export type ReplyTemplate = (request: EspRequest) => EspMessage | undefined;

const none = (): undefined => undefined;

/** `type` is the AppType of replies to requests without one. */
export function replyTemplate(reply: ReplyDefinition, type: number): ReplyTemplate {
  const { parameters, fault, request: whole, messageId = MessageId.Event3rdServerResponse } = reply;
  const userData = reply.userData === undefined ? none : listTemplate(reply.userData, unreported);
  if (parameters !== undefined) {
    const list = listTemplate(parameters, unreported);
    return (request) => responseTo(request, type, list(request), userData(request));
  }
  if (fault !== undefined) {
    const text = templates.compile(fault.text, unreported);
    return (request) => faultTo(request, type, new EspFault(fault.code, text(request)));
  }
  if (whole === undefined) return none;
  const list = listTemplate(whole, unreported);
  return (request) => ({
    messageId,
    referenceId: request.referenceId,
    request: list(request),
    userData: userData(request),
  });
}
