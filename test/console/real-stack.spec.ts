import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { p256PublicKeyFromPem, keyIdOf } from '@castellan/dsse';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { certificateFor } from '../../apps/cli/src/documents/certificate-for.js';
import { signDocument } from '../../apps/cli/src/documents/sign-document.js';
import { Cast, type Player } from '../support/cast.js';
import { dataFolder, removeDataFolder, RunningCastellan } from '../support/running-castellan.js';
import { launchBrowser } from './browser.js';
import { builtConsole } from './built-console.js';

const fixtures = join(import.meta.dirname, '../fixtures/digits');
const Expected = z.object({
  models: z.object({
    'digits-keras3.h5': z.object({ outputs: z.record(z.string(), z.array(z.array(z.number()))) }),
  }),
});

const MINUTES = 60_000;

describe('one version, from the first byte to the last refusal, through the console of the real processes', () => {
  let data: string;
  let castellan: RunningCastellan;
  let cast: Cast;
  let browser: Browser;
  let reviewer: { readonly id: string; readonly page: Page };
  let admin: Page;

  beforeAll(async () => {
    await builtConsole();
    data = await dataFolder();
    castellan = await RunningCastellan.up(data);
    cast = await Cast.assemble(castellan);
    browser = await launchBrowser();
  }, 4 * MINUTES);
  afterAll(async () => {
    await browser?.close();
    await castellan?.down();
    await removeDataFolder(data);
  }, MINUTES);

  /** A browser of one's own, signed in with a fresh link. */
  async function signedIn(personId: string): Promise<Page> {
    const link = { kind: 'sign_in_link', label: 'console' } as const;
    const { secret } = await cast.admin.api.createCredential(personId, link);
    const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${castellan.apiUrl}/sign-in#token=${secret}`);
    await page.waitForURL(({ pathname }) => pathname === '/models');
    return page;
  }

  const open = (page: Page, path: string) => page.goto(`${castellan.apiUrl}${path}`);

  async function fillAndSign(page: Page, reason: string, verb: string): Promise<void> {
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByRole('button', { name: verb }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  it(
    'is published by its author, sealed, scanned',
    async () => {
      const page = await signedIn(cast.author.id);
      await page.getByRole('button', { name: 'New model' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('digits');
      await page.getByRole('button', { name: 'Create model' }).click();
      await page.waitForURL('**/models/digits');
      await page
        .locator('input[type=file]:not([webkitdirectory])')
        .setInputFiles(join(fixtures, 'digits-keras3.h5'));
      await page.getByRole('button', { name: 'Publish 1 file' }).click();
      await page.waitForURL('**/models/digits/versions/1');
      await page.getByText('Scanned: clean').waitFor();
      await page.context().close();
    },
    2 * MINUTES,
  );

  it(
    'is approved by a reviewer whose key never left her browser',
    async () => {
      const { id } = await cast.admin.api.createPerson({
        name: 'rosa',
        displayName: 'Rosa',
        roles: [{ role: 'reviewer', project: 'default' }],
      });
      const page = await signedIn(id);
      reviewer = { id, page };
      await open(page, '/signing-key');
      await page.getByRole('button', { name: 'Make my signing key' }).click();
      await page.getByText('Not certified yet').waitFor();
      await certify(await page.locator('pre').innerText(), cast.admin);
      await page.reload();
      await page.getByText('Honoured').waitFor();

      await open(page, '/models/digits/versions/1');
      await page.getByRole('button', { name: /^Approve/ }).click();
      await fillAndSign(page, 'Held-out accuracy looked at.', 'Sign and approve');
      await page.getByText('Policy satisfied: may be served').waitFor();
    },
    2 * MINUTES,
  );

  async function certify(pem: string, by: Player): Promise<void> {
    const publicKey = p256PublicKeyFromPem(pem);
    const request = {
      format: 'castellan.key-request/v1',
      organization: 'castellan',
      person: 'rosa',
      keyId: keyIdOf(publicKey),
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    } as const;
    const scope = { projects: ['default'], roles: ['reviewer'], from: new Date(), days: 30 };
    await by.api.submitDocument(signDocument(certificateFor(request, scope), cast.officer));
  }

  it(
    'is deployed, and answers a drawing as Keras does',
    async () => {
      admin = await signedIn(cast.admin.id);
      await open(admin, '/deployments?deploy=digits@1');
      await admin.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click();
      await admin.waitForURL('**/deployments/digits');
      await admin.getByRole('button', { name: 'Predict' }).click();
      const top = await admin.getByRole('table', { name: 'Output' }).locator('tr[data-top]').innerText();
      const { models } = Expected.parse(JSON.parse(await readFile(join(fixtures, 'expected.json'), 'utf8')));
      const [rows] = Object.values(models['digits-keras3.h5'].outputs);
      const keras = rows?.[0] ?? [];
      const best = Math.max(...keras);
      expect(top.split(/\s+/)[0]).toBe(String(keras.indexOf(best)));
      expect(Number.parseFloat(top.split(/\s+/).at(-1) ?? '')).toBeCloseTo(best * 100, 0);
    },
    2 * MINUTES,
  );

  it(
    'has its prediction in the log, proved in the browser up to a signature',
    async () => {
      await open(admin, '/audit?action=prediction.served');
      await admin.getByRole('link', { name: 'prediction.served' }).first().click();
      await admin.getByRole('button', { name: 'Verify here' }).click();
      await admin.getByText('The event is in the log').waitFor();
      await admin.getByText('Valid. Compare the log’s key with the one you were given.').waitFor();
    },
    2 * MINUTES,
  );

  it(
    'is revoked by her, and refused within seconds',
    async () => {
      const { page } = reviewer;
      await page.getByRole('button', { name: 'Revoke version …' }).click();
      await fillAndSign(page, 'Held upside down.', 'Sign and revoke');
      await page.getByText('Version revoked by rosa').waitFor();
      await open(admin, '/deployments/digits');
      await admin.getByText('The keybroker does not release its key.').waitFor();
      await admin.getByText(/rosa revoked this version: Held upside down\./).waitFor();
    },
    2 * MINUTES,
  );
});
