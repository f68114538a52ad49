import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readRootExportOrder, readTrustDocument } from '@castellan/approval-policy';
import { ExportedKeys } from '@castellan/contracts';
import { readRecipientCertificate } from '@castellan/pki';
import { recipientCertificate } from './fake/recipient-certificate.js';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when a project’s keys go to another platform', () => {
  const { world, wei } = livelyWorld();
  const { sha256 } = readRecipientCertificate(recipientCertificate);
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
  const row = () => visit.page.getByRole('row').filter({ hasText: 'default' });

  it('the second person sees to whom, signs to the letter what is shown, and the package can be had', async () => {
    const { page } = visit;
    await visit.open('/key-transfer');
    await row().getByText('Wants a second signature').waitFor();
    expect(await row().getByRole('button', { name: 'Package' }).count()).toBe(0);
    await row().getByRole('button', { name: 'Sign as second' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('I compared the digest by telephone.');
    await dialog.locator(`[data-digest="${sha256}"]`).waitFor();
    expect(await visit.violations()).toEqual([]);
    await dialog.getByRole('button', { name: 'The exact text that is signed' }).click();
    const shown = await dialog.locator('pre').innerText();
    await dialog.getByRole('button', { name: 'Sign the order' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await row().getByText('May leave').waitFor();
    const orders = world.trust.documents('root-export-order').map(({ envelope }) => envelope);
    expect(Buffer.from(orders.at(-1)?.payload ?? '', 'base64').toString()).toBe(shown);
    const read = orders.map((envelope) => readRootExportOrder(readTrustDocument(envelope)));
    expect(read.map(({ person, recipient }) => [person, recipient])).toEqual([
      ['rosa', sha256],
      ['wei', sha256],
    ]);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      row().getByRole('button', { name: 'Package' }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe('keys-of-default.json');
    const exported = ExportedKeys.parse(JSON.parse(await readFile(await saved.path(), 'utf8')));
    await page.locator(`[data-digest="${exported.sender}"]`).waitFor();
  });

  it('one is ordered for a certificate that is pasted in; a text that is none can’t be signed', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Order an export' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Project' }).click();
    await page.getByRole('option', { name: 'default' }).click();
    await dialog.getByLabel('Reason').fill('To the other site.');
    await dialog.getByLabel('Certificate of the receiving platform').fill('no certificate');
    expect(await dialog.getByRole('button', { name: 'Sign the order' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Certificate of the receiving platform').fill(recipientCertificate);
    await dialog.locator(`[data-digest="${sha256}"]`).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  it('a package is taken in only with a sender’s digest, and a refusal is shown in its words', async () => {
    const { page } = visit;
    const file = { package: world.transfers.export('default', sha256, world.now()).package, sender: sha256 };
    const buffer = Buffer.from(JSON.stringify(file));
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Package', exact: true }).last().click(),
    ]);
    await chooser.setFiles({ name: 'keys.json', mimeType: 'application/json', buffer });
    const take = page.getByRole('button', { name: 'Take the keys in' });
    expect(await take.isDisabled()).toBe(true);
    await page.getByLabel('Digest of the sending platform').fill('00'.repeat(32));
    await take.click();
    await page.getByText('root_package_untrusted').waitFor();
    await page.getByLabel('Digest of the sending platform').fill(sha256);
    await take.click();
    await page.getByText('New data goes under version 2 of its key.').waitFor();
    expect(visit.complaints).toEqual([]);
  });
});
