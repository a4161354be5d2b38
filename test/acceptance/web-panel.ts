import { join } from 'node:path';
import { rootDir, type Stack, type StackOptions, startStack } from '@lensgate/testing';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { isWithoutBrowser, launchBrowser, withoutBrowser } from './browser.js';

export const samplesDir = join(rootDir, 'models/samples');
export const scene = join(samplesDir, 'scene-1006.png');
export const quickPath = '/api/v1/test_inference/inference/quick';

export interface Panel {
  readonly stack: Stack;
  /** A page of its own, Korean where nothing else is said; what it complains about fails the test. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /** As above, at the gateway and with its jobs. */
  openPage(query?: string, options?: BrowserContextOptions): Promise<Page>;
  /** Tells of a complaint that is meant, so that it fails nothing. */
  expectComplaint(part: string): void;
}

/** Starts a stack and a browser for the tests of a file, and ends them after it. */
export function servePanel(options: StackOptions = {}): Panel {
  let stack: Stack;
  let browser: Browser;
  /** Everything that a page has complained about, and every address outside of the gateway that it asked for. */
  let complaints: string[] = [];
  let meant: string[] = [];

  beforeAll(async () => {
    if (isWithoutBrowser) return;
    [stack, browser] = await Promise.all([startStack(options), launchBrowser()]);
  });
  beforeEach(({ skip }) => {
    skip(isWithoutBrowser, withoutBrowser);
    complaints = [];
    // A refused request is no fault of the page, though the browser's console calls it an error.
    meant = ['Failed to load resource'];
  });
  afterEach(async () => {
    await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
    expect(complaints.filter((line) => !meant.some((part) => line.includes(part)))).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });

  const newPage = async (contextOptions: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ locale: 'ko-KR', acceptDownloads: true, ...contextOptions });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== stack.gateway.url)
        complaints.push(`asked for ${request.url()}`);
    });
    await page.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        // biome-ignore lint/suspicious/noConsole: it runs in the page, whose console this test reads
        console.error(`refused by policy: ${violatedDirective} ${blockedURI}`),
      ),
    );
    return page;
  };
  return {
    get stack() {
      return stack;
    },
    newPage,
    openPage: async (query = '', contextOptions = {}) => {
      const page = await newPage(contextOptions);
      await page.goto(`${stack.gateway.url}/${query}`);
      await page.locator('.chips').waitFor();
      return page;
    },
    expectComplaint: (part) => meant.push(part),
  };
}

export type Upload = string | { name: string; mimeType: string; buffer: Buffer };

export async function upload(page: Page, file: Upload): Promise<void> {
  await page.locator('input[type=file]').setInputFiles(file);
  await page.locator('.timings').waitFor();
}
