import { type EspMessage, faultIn, MessageId, parametersOf } from '../../esp/index.js';
import { frame, unframe } from '../../wire/index.js';
import type { Check } from '../check.js';
import { DeviationError } from '../errors.js';
import { outcomeOf, type Subject } from '../subject.js';

const PIPELINED = 200;
const UNKNOWN = 'EspHostConform';

/** An int attribute without a meaning: id 77, type `i`, value 1. */
const ATTRIBUTE = Buffer.from('0000004d6900000001', 'hex');

/** What a reply is, and which request it belongs to. */
export const replies: readonly Check[] = [
  {
    id: 'replies.one',
    title: 'replies to a request',
    notice: 'every request times out',
    run: (subject, remark) =>
      subject.connected(async (peer) => {
        const reply = await subject.ask(peer);
        subject.expected = outcomeOf(reply);
        const unusual = unusualContent(reply, subject);
        if (unusual.length > 0) remark('note', unusual.join('; '));
      }),
  },
  {
    id: 'replies.referenceIds',
    title: 'returns the ReferenceId of the request, whatever its 32 bits are',
    notice: 'the client drops the reply, and the request times out',
    run: (subject) =>
      subject.connected(async (peer) => {
        for (const id of [1, 255, 256, 65_536, 0x7fffffff, -1, 0]) {
          peer.write(subject.request(id));
          subject.same(await peer.reply(id, `the request with ReferenceId ${id}`), 'it');
        }
      }),
  },
  {
    id: 'replies.noReferenceId',
    title: 'does not reply to a request without ReferenceId, and goes on',
    notice: 'the client gets a reply that belongs to no request, or loses its connection',
    run: (subject) =>
      subject.connected((peer) => {
        peer.write(subject.request(undefined));
        return subject.ask(peer, {}, 'the request after one without ReferenceId');
      }),
  },
  {
    id: 'replies.pipelining',
    title: `replies once to each of ${PIPELINED} requests that don't wait for one another`,
    notice: 'under load, requests time out or get the reply of another',
    run: (subject) =>
      subject.connected(async (peer) => {
        const ids = Array.from({ length: PIPELINED }, () => subject.nextId());
        for (const id of ids) peer.write(subject.request(id));
        for (const [index, id] of ids.entries()) {
          await peer.reply(id, `request ${index + 1} of ${PIPELINED} at once`);
        }
        await subject.ask(peer, {}, 'the request after them');
      }),
  },
  {
    id: 'replies.order',
    title: 'replies to a fast request before the reply to a slow one',
    notice: 'one slow method holds up the requests of all strategies',
    run: async (subject, remark) => {
      const { slowRequest } = subject.options;
      if (slowRequest === undefined) return remark('skipped', 'it needs --slow, a method that takes a second or so');
      return subject.connected(async (peer) => {
        const slow = subject.nextId();
        peer.write(subject.request(slow, { parameters: {}, ...slowRequest }));
        await subject.ask(peer, {}, 'a request behind a slow one');
        if (peer.messages.some(({ referenceId }) => referenceId === slow)) {
          throw new DeviationError('replied to the slow request first, or at the same time');
        }
        await peer.reply(slow, 'the slow request');
      });
    },
  },
  {
    id: 'replies.attributes',
    title: 'ignores an attribute that it does not know',
    notice: 'a newer client loses its connection',
    run: (subject) =>
      subject.connected(async (peer) => {
        const id = subject.nextId();
        const body = unframe(subject.request(id));
        const more = Buffer.concat([body, ATTRIBUTE]);
        more[0] = (body[0] as number) + 1;
        peer.write(frame(more));
        subject.same(await peer.reply(id, 'a request with attribute 77'), 'it');
      }),
  },
  {
    id: 'replies.otherMessages',
    title: 'ignores messages that are not requests',
    notice: 'the client loses its connection, or gets replies to nothing',
    run: (subject) => {
      const { Event3rdServerResponse, Event3rdServerFault } = MessageId;
      return subject.connected((peer) => {
        for (const messageId of [Event3rdServerResponse, Event3rdServerFault, 9999]) {
          peer.write(subject.bytes({ ...subject.message(subject.nextId()), messageId }));
        }
        return subject.ask(peer, {}, 'the request after messages 501, 502 and 9999');
      });
    },
  },
  {
    id: 'faults.902',
    title: 'replies with fault 902 to an unknown method, service or application',
    notice: 'the strategy takes another exit than that for a wrong name',
    run: async (subject, remark) => {
      const others: string[] = [];
      for (const [what, change] of Object.entries({
        'an unknown method': { method: UNKNOWN },
        'an unknown service': { service: UNKNOWN, method: UNKNOWN },
        'an unknown AppName': { appName: UNKNOWN },
      })) {
        const outcome = await outcomeFor(subject, change);
        if (outcome !== 'fault 902') others.push(`${what}: ${outcome}`);
      }
      if (others.length > 0) remark('note', others.join('; '));
    },
  },
  {
    id: 'faults.701',
    title: 'replies with fault 701 to a request without Service and Method',
    notice: 'the strategy takes another exit than that for an invalid request',
    run: async (subject, remark) => {
      const outcome = await outcomeFor(subject, { service: '', method: '' });
      if (outcome !== 'fault 701') remark('note', outcome);
    },
  },
];

const outcomeFor = (subject: Subject, change: object): Promise<string> =>
  subject.connected(async (peer) => {
    const id = subject.nextId();
    peer.write(subject.request(id, change));
    return outcomeOf(await peer.reply(id));
  });

/** What is unusual about a reply. @throws DeviationError if an entry is missing on which clients rely */
function unusualContent(reply: EspMessage, { options }: Subject): string[] {
  const { request } = reply;
  if (request === undefined) throw new DeviationError('the reply has no Request list');
  if (request.find('Parameters')?.type !== 'list') throw new DeviationError('the reply has no list Parameters');
  const isFault = reply.messageId === MessageId.Event3rdServerFault;
  if (isFault && faultIn(reply).code === '') throw new DeviationError('the fault has no FaultCode');
  const remarks: string[] = [];
  if (isFault && !parametersOf(request).has('FaultCode')) remarks.push('FaultCode is not in Parameters');
  for (const [key, value] of [
    ['Service', options.request.service],
    ['Method', options.request.method],
  ] as const) {
    const entry = request.find(key);
    if (entry?.value !== value) remarks.push(`${key} is not that of the request`);
  }
  return remarks;
}
