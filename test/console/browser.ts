import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser } from 'playwright-core';
import { exclusively } from '../../libs/platform/database/src/embedded/exclusive.js';

/**
 * The Chromium that comes inside an npm package. Its package's own switches are for one page in one process and turn web
 * security off; these leave the browser's rules as a person has them.
 */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    // Unpacked at first use, by one of the suites: another would start what is half there.
    executablePath: await exclusively(join(tmpdir(), 'castellan-chromium'), () => chromium.executablePath()),
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none', '--hide-scrollbars'],
    headless: true,
  });
}
