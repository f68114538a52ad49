import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

const pages = [
  '/models',
  '/models?q=nothing-like-it',
  '/models/digits',
  '/models/digits/versions/1',
  '/models/digits/versions/2',
  '/models/digits/versions/3',
  '/deployments',
  '/deployments?deploy=digits@3',
  '/deployments/digits',
  '/deployments/vad',
  '/privacy',
  '/privacy/wages',
  '/destruction',
  '/key-transfer',
  '/audit',
  '/audit/alarms',
  '/audit/exports',
  '/audit/forwarding',
  '/trace/version/digits@3',
  '/signing-key',
  '/nowhere',
];

describe.each([
  ['light', 'en-GB'],
  ['dark', 'zh-CN'],
] as const)('when axe looks at the console, %s, %s', (colorScheme, locale) => {
  const { world, wei } = livelyWorld();
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin(world, { colorScheme, locale });
  });
  afterAll(() => visit.end());

  it('finds nothing on the sign-in page', async () => {
    await visit.open('/sign-in');
    expect(await visit.violations()).toEqual([]);
  });

  it('finds nothing on any page behind it', async () => {
    await visit.signIn(wei);
    const found: unknown[] = [];
    for (const path of pages) {
      await visit.open(path);
      const loading = visit.page.getByRole('status').filter({ hasText: /Loading|正在加载/ });
      await eventually(`${path} is loaded`, async () => (await loading.count()) === 0 || undefined);
      const violations = await visit.violations();
      if (violations.length > 0) found.push({ path, violations });
    }
    expect(found).toEqual([]);
  }, 180_000);

  it('finds nothing in the approval dialog, and Escape closes it', async () => {
    const { page } = visit;
    await visit.open('/models/voice-activity/versions/1');
    const button = page.getByRole('button', { name: /^(Approve|批准)/ });
    await button.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').first().fill('reviewed');
    expect(await visit.violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});
