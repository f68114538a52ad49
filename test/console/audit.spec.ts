import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

describe('when an auditor reads the log', () => {
  const { world, wei } = livelyWorld();
  let visit: Visit;
  beforeAll(async () => {
    for (let count = 0; count < 40; count++)
      world.record(wei.me, 'prediction.served', { details: { name: 'digits', count } });
    visit = await Visit.begin(world);
    await visit.signIn(wei);
    await visit.open('/audit');
  });
  afterAll(() => visit.end());

  it('sees an event arrive', async () => {
    const { page } = visit;
    world.recordProcess('cpu-0', 'key.released', { details: { purpose: 'serve' } });
    const newest = world.log.records.at(-1);
    await page.locator(`a[href="/audit/events/${newest?.eventId}"]`).waitFor();
  });

  it('pages to the beginning', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'Pause' }).click();
    const rows = page.getByRole('table').getByRole('row');
    expect(await rows.count()).toBe(51);
    await page.getByRole('button', { name: 'Older events' }).click();
    await page.getByText('This is the beginning.').waitFor();
    expect(await rows.count()).toBe(world.log.records.length + 1);
  });

  it('narrows the list, with the filters in the address', async () => {
    const { page } = visit;
    await page.getByLabel('Action').fill('document.recorded');
    await page.waitForURL('**/audit?action=document.recorded');
    await page.getByRole('link', { name: 'prediction.served' }).first().waitFor({ state: 'hidden' });
    await page.getByText('This is the beginning.').waitFor();
    const rows = page.getByRole('table').getByRole('row');
    const documents = world.log.records.filter(({ action }) => action === 'document.recorded').length;
    await eventually('the list is narrowed', async () => (await rows.count()) === documents + 1 || undefined);
    await page.getByRole('link', { name: 'rosa' }).first().click();
    await page.waitForURL(/\/audit\?actor=[0-9a-f-]{36}$/);
    await visit.open('/audit?decision=deny');
    await page.getByRole('link', { name: 'key.refused' }).waitFor();
    expect(await page.getByRole('table').getByText('Allowed').count()).toBe(0);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL('**/audit');
  });

  it('recomputes an inclusion proof in the browser, to the signed root', async () => {
    const { page } = visit;
    await visit.open('/audit?action=document.recorded');
    await page.getByRole('link', { name: 'document.recorded' }).first().click();
    const record = world.log.records.findLast(({ action }) => action === 'document.recorded');
    expect(await page.locator('pre').first().innerText()).toBe(record?.event);
    await page.getByRole('button', { name: 'Verify here' }).click();
    await page.getByText('The event is in the log').waitFor();
    await page.getByText(record?.leafHash ?? '', { exact: true }).waitFor();
    await page.getByText('Valid. Compare the log’s key with the one you were given.').waitFor();
  });

  it.each([
    ['a leaf that was edited', { leaf: (text: string) => text.replace('approval', 'disproval') }],
    ['a checkpoint with another size', { checkpoint: (note: string) => note.replace(/\n(\d)/, '\n1$1') }],
  ])('does not believe %s', async (_name, changes) => {
    const { page } = visit;
    const prove = world.log.prove.bind(world.log);
    world.log.prove = (eventId) => {
      const proof = prove(eventId);
      const { leaf = same, checkpoint = same } = changes as Record<string, (text: string) => string>;
      return { ...proof, leaf: leaf(proof.leaf), checkpoint: checkpoint(proof.checkpoint) };
    };
    const record = world.log.records.findLast(({ action }) => action === 'document.recorded');
    await visit.open(`/audit/events/${record?.eventId}`);
    await page.getByRole('button', { name: 'Verify here' }).click();
    await page.getByText('The proof does not hold').waitFor();
    world.log.prove = prove;
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});

const same = (text: string) => text;
