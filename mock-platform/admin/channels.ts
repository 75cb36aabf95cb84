import { maskUrl } from 'esp-host/server';
import type { RunningPlatform } from '../runtime/index.js';

interface ChannelView {
  readonly name: string;
  readonly type: string;
  readonly phoneNumber?: string;
  readonly driver?: string;
  readonly url?: string;
}

/** The channels without anything of their settings but what can be told. */
export const channelsOf = ({ prepared }: RunningPlatform): ChannelView[] =>
  prepared.channels.list().map(({ name, type, phoneNumber, settings }) => {
    const { contacts } = settings as { contacts?: { driver?: unknown; url?: unknown } };
    const { driver, url } = contacts ?? {};
    return {
      name,
      type,
      ...(phoneNumber === undefined ? {} : { phoneNumber }),
      ...(typeof driver === 'string' ? { driver } : {}),
      ...(typeof url === 'string' ? { url: maskUrl(url) } : {}),
    };
  });
