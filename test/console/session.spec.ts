import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contentSecurityPolicy } from './fake/fake-api.js';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when somebody comes with a one-time link', () => {
  const { world, wei, anna } = livelyWorld();
  const analyst = world.person('olga', 'Olga Petrova', 'analyst');
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin(world);
  });
  afterAll(() => visit.end());

  it('signs her in, takes the secret out of the address, and says who she is', async () => {
    const { page } = visit;
    await visit.signIn(wei);
    expect(page.url()).toBe(`${visit.api.url}/models`);
    await page.getByRole('button', { name: 'Account: 陈伟' }).click();
    const menu = page.getByRole('menu');
    await menu.getByText('wei · acme').waitFor();
    expect(await menu.getByText('Reviewer').count()).toBe(1);
  });

  it('signs her out', async () => {
    const { page } = visit;
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${visit.api.url}/audit`);
    await page.waitForURL('**/sign-in');
  });

  it('says plainly that a used link no longer works, and lets another be pasted', async () => {
    const { page } = visit;
    const used = wei.link();
    world.people.signIn(used);
    await page.goto(`${visit.api.url}/sign-in#token=${used}`);
    await page.getByRole('alert').getByText('credentials_invalid').waitFor();
    await page.getByLabel('One-time link').fill('not a link');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This is not a sign-in link.').waitFor();
    await page.getByLabel('One-time link').fill(`${visit.api.url}/sign-in#token=${anna.link()}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/models');
  });

  it('is not undone by an older "nobody" that arrives after it', async () => {
    const { page } = visit;
    await page.context().clearCookies();
    let signedIn = () => {};
    const afterSignIn = new Promise<void>((resolve) => (signedIn = resolve));
    await page.route(
      '**/api/v1/me',
      async (route) => {
        const nobody = await route.fetch();
        await afterSignIn;
        // The console may have given up on this answer by now.
        await route.fulfill({ response: nobody }).catch(() => undefined);
      },
      { times: 1 },
    );
    await visit.signIn(wei);
    signedIn();
    await page.getByRole('link', { name: 'digits', exact: true }).waitFor();
    await page.waitForTimeout(300);
    expect(new URL(page.url()).pathname).toBe('/models');
  });

  it('comes back to the page that was asked for', async () => {
    const { page } = visit;
    await page.context().clearCookies();
    await page.goto(`${visit.api.url}/models/digits?x=1`);
    await page.waitForURL('**/sign-in');
    await page.getByLabel('One-time link').fill(wei.link());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/models/digits?x=1');
  });

  it('shows an analyst only what an analyst may open, and says which role the rest takes', async () => {
    const { page } = visit;
    await page.context().clearCookies();
    await visit.signIn(analyst);
    expect(new URL(page.url()).pathname).toBe('/privacy');
    const rooms = await page.getByRole('navigation').getByRole('link').allInnerTexts();
    expect(rooms).toEqual(['Privacy']);
    await visit.open('/audit');
    await page.getByText('Your roles do not open this page').waitFor();
    await page.getByText('Auditor').waitFor();
  });

  it('switches to Chinese and remembers it', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: /Language/ }).click();
    await page.getByRole('menuitem', { name: '中文' }).click();
    await page.getByRole('link', { name: '隐私' }).waitFor();
    await visit.open('/privacy');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('隐私');
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  });

  it('follows the system into the dark, and away from it when asked', async () => {
    const { page } = visit;
    const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
    await page.emulateMedia({ colorScheme: 'dark' });
    await visit.open('/privacy');
    expect(await scheme()).toBe('dark');
    await page.getByRole('button', { name: '外观' }).click();
    await page.getByRole('menuitem', { name: '浅色' }).click();
    expect(await scheme()).toBe('light');
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});

describe('the fake api', () => {
  it("sends the content security policy that the real api sends with the console's pages", () => {
    const source = readFileSync(
      join(import.meta.dirname, '../../apps/api/src/console/serve-console.ts'),
      'utf8',
    );
    for (const directive of contentSecurityPolicy.split('; ')) expect(source).toContain(`"${directive}"`);
  });
});
