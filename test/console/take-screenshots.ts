import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.js';
import { builtConsole } from './built-console.js';
import { startFakeApi } from './fake/fake-api.js';
import { livelyWorld } from './scene.js';

// node --import ./prisma/run-source.mjs test/console/take-screenshots.ts FOLDER [only]
// Every page in both languages and both colour schemes, to be looked at.

const [folder = '/tmp/console-screenshots', only = ''] = process.argv.slice(2);

const pages: readonly (readonly [name: string, path: string, act?: (page: Page) => Promise<void>])[] = [
  ['models', '/models'],
  ['new-model', '/models', (page) => page.locator('h1 + *, main').getByRole('button').first().click()],
  ['model', '/models/digits'],
  ['version', '/models/digits/versions/3'],
  ['version-revoked', '/models/digits/versions/2'],
  ['version-rejected', '/models/digits/versions/1'],
  ['version-candidate', '/models/voice-activity/versions/1'],
  ['approve', '/models/voice-activity/versions/1', openApproval],
  ['deployments', '/deployments'],
  ['deploy', '/deployments?deploy=digits@3'],
  [
    'deployment',
    '/deployments/digits',
    (page) => page.getByRole('button', { name: /^(Predict|预测)$/ }).click(),
  ],
  ['deployment-json', '/deployments/digits', (page) => page.getByText('JSON', { exact: true }).click()],
  ['deployment-refused', '/deployments/vad'],
  ['privacy', '/privacy'],
  ['dataset', '/privacy/wages', askQuestion],
  ['keys', '/keys'],
  ['destruction', '/destruction'],
  ['key-transfer', '/key-transfer'],
  ['audit', '/audit'],
  ['alarms', '/audit/alarms'],
  [
    'watching-settings',
    '/audit/alarms',
    (page) => page.getByRole('button', { name: /^(Change settings|更改设置)$/ }).click(),
  ],
  ['exports', '/audit/exports'],
  ['forwarding', '/audit/forwarding'],
  ['trace', '/trace/version/digits@3'],
  ['event', '/audit', verifyNewest],
  ['signing-key', '/signing-key'],
  ['not-found', '/nowhere'],
];

async function openApproval(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Approve|批准)/ }).click();
  await page.getByRole('textbox').first().fill('Tested on forty recordings of our own; no false alarms.');
  await page.getByRole('button', { name: /exact text|原文/ }).click();
}

async function askQuestion(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Ask|以|免费)/ }).click();
  await page
    .getByText(/Answer|噪声/)
    .first()
    .waitFor();
}

async function verifyNewest(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'document.recorded' }).first().click();
  await page.getByRole('button', { name: /Verify here|在此验证/ }).click();
}

const { world, wei } = livelyWorld();
const api = await startFakeApi(await builtConsole(), world);
const browser = await launchBrowser();
await mkdir(folder, { recursive: true });
try {
  for (const language of ['en', 'zh']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: { width: 1360, height: 880 },
        locale: language === 'zh' ? 'zh-CN' : 'en-GB',
        colorScheme,
      });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') console.error(language, colorScheme, page.url(), message.text());
      });
      page.on('pageerror', (error) => console.error(page.url(), error));
      await page.goto(`${api.url}/sign-in`);
      await page
        .getByRole('button', { name: /Sign in|登录/ })
        .last()
        .waitFor();
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(folder, `sign-in-${language}-${colorScheme}.png`) });
      await page.goto(`${api.url}/sign-in#token=${wei.link()}`);
      await page.waitForURL('**/models');
      for (const [name, path, act] of pages.filter(([name]) => name.includes(only))) {
        await page.goto(`${api.url}${path}`);
        await page.waitForTimeout(500);
        await act?.(page).catch((error: unknown) => console.error(name, language, error));
        await page.waitForTimeout(500);
        const key = page.getByRole('button', { name: /Make my signing key|生成我的签名密钥/ });
        if (name === 'signing-key' && (await key.isVisible())) {
          await key.click();
          await page.waitForTimeout(500);
        }
        await page.screenshot({
          path: join(folder, `${name}-${language}-${colorScheme}.png`),
          fullPage: true,
        });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await api.close();
}
