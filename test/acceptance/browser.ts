import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const debiansChromium = '/usr/bin/chromium';
const chromiumPath = process.env.CHROMIUM_PATH ?? debiansChromium;

/** A path that is set must be right; a machine without a browser may leave these tests out. */
export const isWithoutBrowser = process.env.CHROMIUM_PATH === undefined && !existsSync(debiansChromium);
export const withoutBrowser = `There is no ${debiansChromium}; install chromium or set CHROMIUM_PATH.`;

/** Starts the browser without anything of it that would call its makers. */
export function launchBrowser(): Promise<Browser> {
  if (!existsSync(chromiumPath)) throw new Error(`There is no Chromium at CHROMIUM_PATH=${chromiumPath}.`);
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
