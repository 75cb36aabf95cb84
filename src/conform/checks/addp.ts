import { setTimeout as sleep } from 'node:timers/promises';
import { Addp, encodeAddp, encodeInit } from '../../wire/index.js';
import type { Check } from '../check.js';
import { DeviationError } from '../errors.js';
import type { Peer } from '../peer.js';

/** The time after which the server has to poll, in ms. */
const POLL_MS = 200;

const init = async (peer: Peer, timeoutMs = 0): Promise<void> => {
  peer.write(encodeInit(timeoutMs, false));
  await peer.addpFrame(Addp.InitAck, 'no reply to the ADDP init');
};

/** The Advanced Disconnect Detection Protocol, for clients with `protocol=addp`. */
export const addp: readonly Check[] = [
  {
    id: 'addp.init',
    title: 'agrees to ADDP, and replies to requests as before',
    notice: 'a client with protocol=addp cannot connect',
    run: (subject) =>
      subject.connected(async (peer) => {
        await init(peer);
        await subject.ask(peer, {}, 'a request after the ADDP init');
      }),
  },
  {
    id: 'addp.poll',
    title: 'replies to each poll with its counter',
    notice: 'a client with protocol=addp closes the connection when it is quiet',
    run: (subject) =>
      subject.connected(async (peer) => {
        await init(peer);
        for (const counter of [0, 1, 0xffffff]) {
          peer.write(encodeAddp(Addp.Poll, counter));
          const { value } = await peer.addpFrame(Addp.PollAck, `no reply to poll ${counter}`);
          if (value !== counter) throw new DeviationError(`replied to poll ${counter} with counter ${value}`);
        }
      }),
  },
  {
    id: 'addp.between',
    title: 'takes ADDP frames that arrive together with requests',
    notice: 'a client with protocol=addp loses its connection under load',
    run: (subject) =>
      subject.connected(async (peer) => {
        await init(peer);
        const ids = [subject.nextId(), subject.nextId()];
        const [one, other] = ids.map((id) => subject.request(id)) as [Buffer, Buffer];
        peer.write(Buffer.concat([one, encodeAddp(Addp.Poll, 1), other, encodeAddp(Addp.Poll, 2)]));
        for (const id of ids) await peer.reply(id, 'a request next to a poll');
        for (const _ of ids) await peer.addpFrame(Addp.PollAck, 'no reply to a poll next to a request');
      }),
  },
  {
    id: 'addp.polls',
    title: `polls a client that asks for it, is silent for ${POLL_MS} ms and replies to the poll`,
    notice: 'the server does not notice that a client has gone',
    run: (subject) =>
      subject.connected(async (peer) => {
        await init(peer, POLL_MS);
        const { value } = await peer.addpFrame(Addp.Poll, 'no poll');
        peer.write(encodeAddp(Addp.PollAck, value));
        await subject.ask(peer, {}, 'a request after a poll');
      }),
  },
  {
    id: 'addp.silence',
    title: 'closes the connection of a client that does not reply to a poll',
    notice: 'connections of clients that have gone stay open',
    run: (subject) =>
      subject.connected(async (peer) => {
        await init(peer, POLL_MS);
        await peer.ended('the connection of a silent client did not end');
      }),
  },
  {
    id: 'addp.without',
    title: `does not poll a client that has not asked for it, in ${2 * POLL_MS} ms`,
    notice: 'a client without ADDP loses its connection',
    run: (subject) =>
      subject.connected(async (peer) => {
        await subject.ask(peer);
        await sleep(2 * POLL_MS);
        if (peer.addp.length > 0) throw new DeviationError('sent an ADDP frame to a client without ADDP');
        await subject.ask(peer, {}, 'a request after silence');
      }),
  },
];
