import type { Application } from '../config/index.js';
import { type EspRequest, intOf, isApplicationType, textOf } from '../esp/index.js';

/**
 * The application that a request asks for where it is not this one, else undefined. AppName wins over AppType; a
 * request that names neither is meant for whoever it reaches.
 */
export function otherApplication(request: EspRequest, application: Application): string | undefined {
  const { appName } = request;
  if (appName !== undefined) return appName === application.name ? undefined : appName;
  const { appType } = request;
  if (appType === undefined) return undefined;
  const text = textOf(appType) ?? String(intOf(appType) ?? appType.type);
  return text === '' || isApplicationType(appType, application.type) ? undefined : text;
}
