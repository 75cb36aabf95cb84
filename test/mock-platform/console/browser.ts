import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The headless shell first: it takes half the CPU of a browser with windows. */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
];

/** The path of Chromium: $CHROMIUM or a usual location; undefined if there is none. */
export const chromiumPath = (): string | undefined => process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));

export const NO_CHROMIUM = 'there is no Chromium: apt-get install chromium-headless-shell, or set CHROMIUM to its path';

export const launch = (): Promise<Browser> => {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath, args: ARGUMENTS });
};
