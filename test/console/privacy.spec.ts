import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when an analyst asks a protected dataset', () => {
  const { world, wei } = livelyWorld();
  let visit: Visit;
  const figure = (name: string) => visit.page.locator(`[data-figure="${name}"]`).innerText();
  beforeAll(async () => {
    visit = await Visit.begin(world);
    await visit.signIn(wei);
  });
  afterAll(() => visit.end());

  it('shows what is left, and the price before it is paid', async () => {
    const { page } = visit;
    await visit.open('/privacy');
    await page.getByRole('link', { name: 'wages' }).click();
    await page.locator('[data-figure=price]').waitFor();
    expect(await figure('price')).toBe('Price: ε 0.5');
    expect(await figure('budget-remaining')).toBe('1.85');
    expect(world.privacy.budget().spent).toBe('1.15');
  });

  it('answers with a chart, 95 % intervals and a table, and charges the ledger', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Ask for ε 0.5' }).click();
    await page.getByText('ε 0.5 was charged').waitFor();
    await page.getByRole('img', { name: /^n by group/ }).waitFor();
    const answer = page.getByRole('table', { name: 'Answer' });
    expect(await answer.getByRole('row').count()).toBe(5);
    expect(await answer.getByRole('row').nth(1).innerText()).toMatch(/^northeast\s+[\d,]+\s*± 96/);
    await page.getByText('1.35', { exact: true }).first().waitFor();
    await page.getByText('Reserved').first().waitFor();
  });

  it('asks the same again at no cost, with the same figures', async () => {
    const { page } = visit;
    const table = page.getByRole('table', { name: 'Answer' });
    const before = await table.innerText();
    await page.getByText('Answered before: free').waitFor();
    await page.getByRole('button', { name: 'Ask, at no cost' }).click();
    await page.getByText('Charged: nothing, answered before').waitFor();
    expect(await table.innerText()).toBe(before);
    expect(world.privacy.budget().remaining).toBe('1.35');
  });

  it('shows why a question is refused, before and after paying', async () => {
    const { page } = visit;
    await page.getByLabel('Epsilon').fill('2');
    await page.getByRole('button', { name: 'Ask for ε 2' }).click();
    await page.getByRole('alert').getByText('budget_exhausted').waitFor();
    expect(world.privacy.budget().remaining).toBe('1.35');
    await page.getByLabel('Question in SQL').fill('SELECT * FROM wages');
    await page.getByRole('alert').getByText('question_refused').waitFor();
  });

  it('lists what the budget did not hold, and says when it will be used up', async () => {
    const { page } = visit;
    const denied = page.getByRole('table', { name: 'Denied' });
    await denied.getByText('the dataset').waitFor();
    expect(await denied.getByRole('row').count()).toBe(2);
    expect(await figure('forecast')).toMatch(/^At ε 0.25 a day.*nothing is left on/);
    await page.getByRole('table', { name: 'Limits within the budget' }).getByText('person wei').waitFor();
  });

  it('has a synthetic table made for its price, and shows noisy counts beside synthetic ones', async () => {
    const { page } = visit;
    await page.locator('[data-figure=synthesis-price]').waitFor();
    expect(await figure('synthesis-price')).toBe('Price: ε 0.5');
    await page.getByText('No synthetic table has been made yet.').waitFor();
    await page.getByRole('button', { name: 'Make it for ε 0.5' }).click();
    await page.getByRole('img', { name: /^Released noisy counts of year/ }).waitFor();
    await page.getByText('Measured together: year × region, year × occupation, year × amount.').waitFor();
    expect(world.privacy.budget().remaining).toBe('0.85');
    await page.getByText('Made before: free').waitFor();
    const taken = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    expect((await taken).suggestedFilename()).toBe('wages-synthetic.csv');
  });

  it('has a model trained for its price, shows the curve, and stops it', async () => {
    const { page } = visit;
    await page.locator('[data-figure=training-price]').waitFor();
    expect(await figure('training-price')).toBe('Price: ε 1, δ 1e-6');
    await page.getByRole('combobox', { name: 'Base version (optional)' }).fill('digits@2');
    await page.getByLabel('Last layers to train').fill('1');
    await page.getByText('It goes on from digits@2.').waitFor();
    await page.getByRole('button', { name: 'Train for ε 1, δ 1e-6' }).click();
    await page.getByRole('link', { name: 'digits@2' }).waitFor();
    await page.getByRole('img', { name: 'Training curve: step 100 of 200' }).waitFor();
    await page.getByText('Right on 74% of the synthetic rows.').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Reason: cancelled').waitFor();
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});
