import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readDestructionOrder, readRevocation, readTrustDocument } from '@castellan/approval-policy';
import type { Download } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when a reviewer destroys something for good', () => {
  const { world, wei } = livelyWorld();
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin(world);
    await visit.signIn(wei);
    const { page } = visit;
    await visit.open('/signing-key');
    await page.getByRole('button', { name: 'Make my signing key' }).click();
    await page.getByText('Not certified yet').waitFor();
    world.trust.certify('wei', await page.locator('pre').innerText(), world.now());
  });
  afterAll(() => visit.end());
  const row = (name: string) => visit.page.getByRole('row').filter({ hasText: name });
  const orders = () =>
    world.trust
      .documents('destruction-order')
      .map(({ envelope }) => readDestructionOrder(readTrustDocument(envelope)));
  const signed = async (button: string) => {
    const dialog = visit.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'The exact text that is signed' }).click();
    const shown = await dialog.locator('pre').innerText();
    await dialog.getByRole('button', { name: button }).click();
    await dialog.waitFor({ state: 'hidden' });
    return shown;
  };

  it('sees what somebody has ordered, and signs as the second what is shown to the letter', async () => {
    const { page } = visit;
    await visit.open('/destruction');
    await row('digits@2').getByText('Wants a second signature').waitFor();
    await row('digits@2').getByRole('button', { name: 'Sign as second' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('I saw the scans.');
    const { digest = '' } = world.registry.version('digits@2');
    await dialog.locator(`[data-digest="${digest}"]`).waitFor();
    await dialog.getByRole('button', { name: 'Sign the order', disabled: false }).waitFor();
    expect(await visit.violations()).toEqual([]);
    const shown = await signed('Sign the order');
    await row('digits@2').getByText('Can still be stopped').waitFor();
    expect(orders().map(({ person, targetId }) => [person, targetId])).toEqual([
      ['rosa', world.registry.version('digits@2').id],
      ['wei', world.registry.version('digits@2').id],
    ]);
    const last = world.trust.documents('destruction-order').at(-1);
    expect(Buffer.from(last?.envelope.payload ?? '', 'base64').toString()).toBe(shown);
  });

  it('can stop it until its time has come, with one signature', async () => {
    await row('digits@2').getByRole('button', { name: 'Stop rosa’s order' }).click();
    await visit.page.getByRole('dialog').getByLabel('Reason').fill('Legal hold.');
    await signed('Sign that it is taken back');
    await row('digits@2').getByText('Wants a second signature').waitFor();
    const [rosas] = orders();
    const revocations = world.trust
      .documents('revocation')
      .map(({ envelope }) => readRevocation(readTrustDocument(envelope)));
    expect(revocations).toContainEqual(
      expect.objectContaining({ target: 'destruction-order', targetDigest: rosas?.digest, person: 'wei' }),
    );
    expect(await row('digits@2').getByRole('button', { name: 'Sign as second' }).count()).toBe(0);
  });

  it('orders one of her own; a name that there isn’t is refused before anything is signed', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Order a destruction' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('nothing@1');
    await dialog.getByLabel('Reason').fill('It was a mistake.');
    await dialog.getByRole('alert').getByText('version_unknown').waitFor();
    expect(await dialog.getByRole('button', { name: 'Sign the order' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Name').fill('digits@1');
    await signed('Sign the order');
    await row('digits@1').getByText('Wants a second signature').waitFor();
  });

  it('takes the certificate, and the platform’s signature over it, of what was destroyed', async () => {
    const { page } = visit;
    const saved: Download[] = [];
    page.on('download', (download) => saved.push(download));
    await row('forms-draft@1').getByRole('button', { name: 'Certificate' }).click();
    await eventually('both files are saved', async () => saved.length === 2 || undefined);
    const name = 'destruction-of-forms-draft-1.json';
    expect(saved.map((download) => download.suggestedFilename()).sort()).toEqual([name, `${name}.p7s`]);
    const certificate = saved.find((download) => download.suggestedFilename() === name);
    expect(await readFile((await certificate?.path()) ?? '', 'utf8')).toBe('{"name":"forms-draft@1"}');
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});
