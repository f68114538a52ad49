import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when an administrator rotates a project’s key', () => {
  const { world, wei } = livelyWorld();
  let visit: Visit;
  const button = (name: string) => visit.page.getByRole('button', { name, exact: true });
  beforeAll(async () => {
    visit = await Visit.begin(world);
    await visit.signIn(wei);
  });
  afterAll(() => visit.end());

  it('says what will happen, then shows how far it is', async () => {
    const { page } = visit;
    await visit.open('/keys');
    await button('Rotate').click();
    await page.getByText('Version 2 is used for new data at once.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('progressbar', { name: 'Re-wrapping data keys' }).waitFor();
    await page.getByText(/of 4,000 data keys re-wrapped/).waitFor();
  });

  it('can be stopped, and taken up again', async () => {
    const { page } = visit;
    await button('Stop').click();
    await page.getByText('Re-wrapping was stopped').waitFor();
    await button('Re-wrap the rest').click();
    await page.getByText('Older', { exact: true }).waitFor();
    await page.getByRole('row').filter({ hasText: 'In use' }).getByText('4,000').waitFor();
  });

  it('lets the older version be destroyed once nothing rests on it', async () => {
    const { page } = visit;
    await button('Destroy').click();
    await page.getByText('Nothing rests on it any more.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Destroy' }).click();
    await page.getByText('Destroyed').waitFor();
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});
