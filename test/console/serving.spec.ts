import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when somebody tries a deployment', () => {
  const { world, wei, rosa } = livelyWorld();
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin(world);
    await visit.signIn(wei);
  });
  afterAll(() => visit.end());

  it('draws on the form that was built from the signature, and sees bars, latency and digest', async () => {
    const { page } = visit;
    await visit.open('/deployments/digits');
    await page.getByRole('button', { name: 'Predict' }).click();
    const bars = page.getByRole('table', { name: 'Output' });
    await bars.waitFor();
    expect(await bars.getByRole('row').count()).toBe(10);
    expect(await bars.locator('tr[data-top]').innerText()).toMatch(/^9\s/);
    const { versionDigest } = world.serving.show('digits', world.now());
    await page.getByRole('status').locator(`[data-digest="${versionDigest}"]`).waitFor();
    await page
      .getByRole('status')
      .getByText(/\d+ ms/)
      .waitFor();
  });

  it('draws with the pointer and with the keyboard', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Clear' }).click();
    const cell = (row: number, column: number, value: number) =>
      page.getByRole('button', { name: `Row ${row}, column ${column}: ${value} of 16` });
    await cell(2, 2, 0).click();
    await cell(2, 2, 16).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await cell(2, 4, 16).waitFor();
  });

  it('writes the same request for curl', async () => {
    const { page } = visit;
    const line = await page.locator('pre').innerText();
    expect(line).toContain(`curl ${visit.api.url}/api/v1/deployments/digits/predict`);
    expect(line).toContain('authorization: Bearer $CASTELLAN_API_KEY');
  });

  it('sends JSON too, and shows why a wrong shape is refused', async () => {
    const { page } = visit;
    await page.getByText('JSON', { exact: true }).click();
    const input = page.getByLabel('Input as JSON');
    await input.fill('[[1, 2');
    await page.getByText('This is not JSON.').waitFor();
    expect(await page.getByRole('button', { name: 'Predict' }).isDisabled()).toBe(true);
    await input.fill('[[1, 2, 3]]');
    await page.getByRole('button', { name: 'Predict' }).click();
    await page
      .getByRole('alert')
      .getByText(/expected FP32 \[-1, 64\]/)
      .waitFor();
  });

  it("shows a refusal in the broker's own words, with the way to what is missing", async () => {
    const { page } = visit;
    const { message = '' } = world.serving.show('vad', world.now());
    await visit.open('/deployments/vad');
    await page.getByText(message).waitFor();
    await page.getByRole('link', { name: 'See what voice-activity@1 still needs' }).click();
    await page.waitForURL('**/models/voice-activity/versions/1');
  });

  it('deploys a version under a name', async () => {
    const { page } = visit;
    await visit.open('/models/digits/versions/3');
    await page.getByRole('link', { name: 'Deploy', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Under the name').fill('digits-blue');
    await dialog.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL('**/deployments/digits-blue');
    await page.getByText('Ready').first().waitFor();
  });

  it('stops it, after asking', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await page.getByText('It was stopped and answers nothing.').waitFor();
    expect(world.serving.show('digits-blue', world.now()).desired).toBe('stopped');
  });

  it('hides the form from those who may not predict', async () => {
    const { page } = visit;
    await page.context().clearCookies();
    await visit.signIn(rosa);
    await visit.open('/deployments/digits');
    await page.getByText(/Ask for predictions: this takes the role Consumer|Administrator/).waitFor();
    expect(await page.getByRole('button', { name: 'Predict' }).count()).toBe(0);
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});
