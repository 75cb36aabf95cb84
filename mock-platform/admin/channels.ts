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
    const { driver, url } = upstreamOf(settings);
    return {
      name,
      type,
      ...(phoneNumber === undefined ? {} : { phoneNumber }),
      ...(typeof driver === 'string' ? { driver } : {}),
      ...(typeof url === 'string' ? { url: maskUrl(url) } : {}),
    };
  });

/** The part of a channel's settings that says which upstream it asks, and how. */
function upstreamOf(settings: unknown): { readonly driver?: unknown; readonly url?: unknown } {
  const parts = Object.values(settings as Record<string, unknown>);
  return parts.find((part) => typeof part === 'object' && part !== null && ('driver' in part || 'url' in part)) ?? {};
}
