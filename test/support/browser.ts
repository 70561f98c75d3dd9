import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import type { ScratchWorkspace } from './local-workspace.js';

const program = '/usr/bin/chromium';

/** A page of a headless browser that was let into a local workspace. */
export interface OpenBrowser {
  page: Page;
  /** What no page of ours may do: errors, and requests to anywhere else. */
  complaints: string[];
  close(): Promise<void>;
}

/** Opens the pages of a local workspace; undefined, and said loudly, where there is no browser. */
export async function openBrowser(lw: ScratchWorkspace): Promise<OpenBrowser | undefined> {
  if (!existsSync(program)) {
    console.warn(`SKIPPED: the pages were not opened in a browser, since there is no ${program}.`);
    return undefined;
  }
  const profile = mkdtempSync(join(tmpdir(), 'air-pages-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(lw.host)) complaints.push(`asked for ${request.url()}`);
  });
  const { body } = await lw.request<{ nonce: string }>('POST', '/local/nonce');
  await page.goto(`${lw.host}/local/open?nonce=${body.nonce}&to=/`);
  return {
    page,
    complaints,
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
