import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when an auditor looks into alarms', () => {
  const { world, wei } = livelyWorld();
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin(world);
    await visit.signIn(wei);
  });
  afterAll(() => visit.end());

  it('is led there from the log, and sees the figure, the threshold and the leaf', async () => {
    const { page } = visit;
    await visit.open('/audit');
    await page.getByRole('link', { name: '3 open alarms' }).click();
    const burst = page.getByRole('region', { name: 'Burst of refusals' });
    await burst.getByText('20; an alarm from 20 on.').waitFor();
    await burst.getByRole('img', { name: 'Found 20, threshold 20' }).waitFor();
    const [alarm] = world.compliance.alarms;
    await burst.locator(`a[href="/audit/events/${alarm?.eventId}"]`).waitFor();
  });

  it('acknowledges one with a reason, after which it is not open any more', async () => {
    const { page } = visit;
    const burst = page.getByRole('region', { name: 'Burst of refusals' });
    await burst.getByRole('button', { name: 'Acknowledge' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Acknowledge' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('A drill of our own.');
    await dialog.getByRole('button', { name: 'Acknowledge' }).click();
    await burst.waitFor({ state: 'hidden' });
    await page.getByText('All', { exact: true }).click();
    await burst.getByText('wei: A drill of our own.').waitFor();
  });

  it('sets working hours, a threshold and a muted rule', async () => {
    const { page } = visit;
    await page.getByText('Needs working hours').waitFor();
    await page.getByRole('button', { name: 'Change settings' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('switch', { name: 'Judge releases of keys by the hour' }).click();
    await dialog.getByLabel('Time zone').fill('Asia/Nowhere');
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Time zone').fill('Asia/Shanghai');
    await dialog.getByRole('textbox', { name: 'Burst of refusals' }).fill('8');
    await dialog.getByRole('switch', { name: 'Mute: Many downloads' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Working hours: 09:00–18:00, Mon Tue Wed Thu Fri, Asia/Shanghai.').waitFor();
    expect(world.compliance.watching().settings).toMatchObject({
      thresholds: { denied_burst: 8 },
      muted: ['downloads'],
    });
  });

  it('finds the log’s exports under a name of their own', async () => {
    const { page } = visit;
    await visit.open('/audit');
    await page.getByRole('button', { name: 'Export this list' }).waitFor();
    await page.getByRole('link', { name: 'Earlier exports' }).click();
    await page.getByRole('link', { name: 'Download' }).waitFor();
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});
