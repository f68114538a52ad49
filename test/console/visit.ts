import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { launchBrowser } from './browser.js';
import { builtConsole } from './built-console.js';
import { type FakeApi, startFakeApi } from './fake/fake-api.js';
import type { FakeWorld } from './fake/fake-world.js';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const changingLooks = 'document.getAnimations().filter((one) => one instanceof CSSTransition).length';

/** A real browser before the built console, over a fake api. Whatever the browser complains about is kept. */
export class Visit {
  /** Page errors and refused loads, a content security policy's included; 401 before signing in is none. */
  readonly complaints: string[] = [];

  private constructor(
    readonly api: FakeApi,
    private readonly browser: Browser,
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && !/status of 4\d\d/.test(text)) this.complaints.push(text);
    });
  }

  static async begin(world: FakeWorld, options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
    const api = await startFakeApi(await builtConsole(), world);
    const browser = await launchBrowser();
    const context = await browser.newContext({
      viewport: { width: 1360, height: 900 },
      locale: 'en-GB',
      acceptDownloads: true,
      reducedMotion: 'reduce',
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return new Visit(api, browser, context, page);
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.api.close();
  }

  async signIn({ link }: { readonly link: () => string }): Promise<void> {
    await this.page.goto(`${this.api.url}/sign-in#token=${link()}`);
    await this.page.waitForURL(({ pathname }) => pathname !== '/sign-in' && pathname !== '/');
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`${this.api.url}${path}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** What axe finds against WCAG 2.2 A and AA on the page as it stands. */
  async violations(): Promise<readonly Violation[]> {
    await this.page.evaluate(axeSource);
    // Reduced motion still takes a frame: until then a button that was just enabled has the colours of one that is not.
    await eventually(
      'nothing changes its looks',
      async () => (await this.page.evaluate(changingLooks)) === 0 || undefined,
    );
    return this.page.evaluate(
      `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then(({ violations }) => violations.map(({ id, nodes }) =>
          ({ id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))`,
    );
  }
}
