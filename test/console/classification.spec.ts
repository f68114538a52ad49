import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when a steward looks for personal data in a table', () => {
  const { world } = livelyWorld();
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin(world);
    await visit.signIn(world.steward);
  });
  afterAll(() => visit.end());
  const table = () => visit.page.getByRole('table', { name: 'Personal data' });

  it('shows what each column seems to hold, and no sample until it is asked for', async () => {
    await visit.open('/privacy/wages');
    await table().getByText('nobody has looked yet').first().waitFor();
    await visit.page.getByRole('button', { name: 'Look through the columns' }).click();
    await table().getByText('Citizen identity card · 100%').waitFor();
    await visit.page.getByRole('table', { name: 'Work on the table' }).getByText('Done').waitFor();
    expect(await table().innerText()).not.toContain('•');
  });

  it('opens masked samples in the browser: what the server sent was sealed', async () => {
    await visit.page.getByRole('button', { name: 'Open masked samples here' }).click();
    await table().getByText('11••••••••••••04').waitFor();
    expect(await table().innerText()).toContain('539 of 545 values');
  });

  it('records the steward’s word, with the likely kinds taken over', async () => {
    await visit.page.getByRole('button', { name: 'Confirm' }).click();
    await visit.page.getByText('Confirmed by sofia,').waitFor();
    expect(world.privacy.dataset.classification?.columns[0]).toEqual({
      name: 'person_id',
      kinds: ['cn_identity_card'],
    });
  });

  it('asks for a masked copy by a plan, and saves it once it has been made', async () => {
    const { page } = visit;
    await page.getByLabel('Plan').waitFor();
    await page.getByRole('button', { name: 'Ask for it' }).click();
    const tasks = page.getByRole('table', { name: 'Work on the table' });
    await tasks.getByText('Waits for signatures').waitFor();
    await tasks.getByRole('button', { name: 'Begin' }).click();
    await tasks.getByText('k = 7; 4300 rows, 60 left out').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      tasks.getByRole('button', { name: 'Open and save' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('wages-masked.csv');
    expect(await readFile(await download.path(), 'utf8')).toContain('5f1c,south');
  });

  it('asks what a token was, and shows it here once it has been signed and made', async () => {
    const { page } = visit;
    await page.getByRole('combobox', { name: 'Column' }).click();
    await page.getByRole('option', { name: 'person_id' }).click();
    await page.getByLabel('Values').fill('5f1c');
    await page.getByLabel('Purpose').fill('A person has to be called back.');
    await page.getByRole('button', { name: 'Ask two others to sign' }).click();
    const line = page.getByRole('table', { name: 'Work on the table' }).getByRole('row').nth(1);
    await line.getByText('Re-identification').waitFor();
    await line.getByRole('button', { name: 'Begin' }).click();
    await line.getByRole('button', { name: 'Show here' }).click();
    await page.getByRole('table', { name: 'What the values were' }).getByText('p-1041').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
  });

  it('shows the steward of the table which of its records are unusual, by place and column', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByRole('button', { name: 'Open here' }).click();
    await page.getByRole('img', { name: '2 unusual records beside usual ones' }).waitFor();
    const table = page.getByRole('table', { name: 'Unusual records' });
    expect(await table.getByRole('row').nth(1).innerText()).toMatch(
      /Record 1,041\s+18.2\s+amount \(80%\), year/,
    );
  });

  it('asks for a higher limit, which waits for two to sign', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Ask for a higher limit' }).click();
    await page.getByLabel('New limit (ε)').fill('5');
    await page.getByRole('dialog').getByLabel('Purpose').fill('A second year of questions.');
    await page.getByRole('dialog').getByRole('button', { name: 'Ask two others to sign' }).click();
    await page.getByRole('table', { name: 'Work on the table' }).getByText('Higher limit').waitFor();
    const [task] = world.protection.tasks;
    expect(JSON.parse(task?.request ?? '')).toMatchObject({ share: { kind: 'dataset' }, epsilonLimit: '5' });
  });

  it('lowers a limit at once, by herself', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Lower a limit' }).click();
    await page.getByLabel('New limit (ε)').fill('1');
    await page.getByRole('dialog').getByLabel('Purpose').fill('The study has ended.');
    await page.getByRole('dialog').getByRole('button', { name: 'Lower it now' }).click();
    await page.getByRole('table', { name: 'Work on the table' }).getByText('Lower limit').waitFor();
    const [task] = world.protection.tasks;
    expect(JSON.parse(task?.request ?? '')).toMatchObject({ kind: 'lower', epsilonLimit: '1' });
  });

  it('says what was spent since the backup that the ledger came from, and questions are answered again', async () => {
    const { page } = visit;
    world.privacy.restoredAt = world.now().toISOString();
    await visit.open('/privacy/wages');
    await page.getByText('Nothing is answered: this ledger came from a backup').waitFor();
    expect(await visit.violations()).toEqual([]);
    const button = page.getByRole('button', { name: 'Charge it, and answer again' });
    expect(await button.isDisabled()).toBe(true);
    await page.getByLabel('Spent since the backup (ε)').fill('0.5');
    await page.getByLabel('How you know').fill('The mirror of the log shows one answer.');
    await button.click();
    await page.getByText('Spent before the restore: The mirror of the log shows one answer.').waitFor();
    await button.waitFor({ state: 'hidden' });
  });

  it('asks for a pipeline by its steps, and shows where each of them is', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Ask for this pipeline' }).click();
    const picture = page.getByRole('list', { name: 'Steps of first-look, version 1' });
    await picture.getByText('Classify · to come').waitFor();
    await picture.getByText('Synthesize · to come').waitFor();
    const [task] = world.protection.tasks;
    expect(task).toMatchObject({ kind: 'pipeline', state: 'waiting' });
  });

  it('declares a table that stays in PostgreSQL, and says when it is other data', async () => {
    const { page } = visit;
    await visit.open('/privacy');
    const declare = page.getByRole('button', { name: 'Declare and seal the login' });
    expect(await declare.isDisabled()).toBe(true);
    await page.getByLabel('User of the database').fill('reader');
    await page.locator('input[type=password]').fill('secret');
    await declare.click();
    await page.getByRole('link', { name: '“visits” can be asked.' }).click();
    await page.getByText('db.example.org:5432/clinic').waitFor();
    await page.getByText('encrypted, certificate checked').waitFor();
    await page.getByRole('button', { name: 'It is other data now' }).click();
    await page.locator('[data-figure=data-version]').getByText('2').waitFor();
    expect(world.privacy.references.datasets).toMatchObject([{ name: 'visits', dataVersion: 2 }]);
    expect(await visit.violations()).toEqual([]);
  });

  it('declares an object of a bucket, with an access key', async () => {
    const { page } = visit;
    await visit.open('/privacy');
    await page.getByText('S3 bucket', { exact: true }).click();
    const document = page.getByRole('textbox', { name: 'Declaration' });
    await document.fill((await document.inputValue()).replace('"visits"', '"stays"'));
    await page.getByLabel('Access key ID').fill('AKIDREADER');
    await page.locator('input[type=password]').fill('secret');
    await page.getByRole('button', { name: 'Declare and seal the login' }).click();
    await page.getByRole('link', { name: '“stays” can be asked.' }).click();
    await page.getByText('s3://clinic/2026/visits.parquet').waitFor();
    await page.getByText('https://s3.example.org').waitFor();
    expect(world.privacy.references.datasets).toMatchObject([{}, { name: 'stays', state: 'sealed' }]);
    expect(await visit.violations()).toEqual([]);
  });

  it('is as accessible as the other pages, and the browser has nothing to complain about', async () => {
    expect(await visit.violations()).toEqual([]);
    expect(visit.complaints).toEqual([]);
  });
});
