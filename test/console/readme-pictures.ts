import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

// node --import ./prisma/run-source.mjs test/console/readme-pictures.ts
// The pictures that the README shows, taken anew.

const folder = join(import.meta.dirname, '../../apps/console/screenshots');
const { world } = livelyWorld();
const person = world.person('mara', 'Mara Okafor', 'admin', 'reviewer', 'analyst', 'auditor', 'consumer');
const visit = await Visit.begin(world, { viewport: { width: 1280, height: 820 } });
try {
  await mkdir(folder, { recursive: true });
  const take = async (name: string) => {
    await visit.page.waitForTimeout(500);
    await visit.page.screenshot({ path: join(folder, `${name}.png`) });
  };
  const { page } = visit;
  await visit.signIn(person);
  await page.getByRole('link', { name: 'churn' }).waitFor();
  await take('models');
  await visit.open('/models/digits/versions/3');
  await page.getByText('Serving as digits').waitFor();
  await take('version');
  await visit.open('/privacy/wages');
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await page.getByText('ε 0.5 was charged').waitFor();
  await take('privacy');
  await visit.open('/audit');
  await page.getByRole('table').waitFor();
  await take('audit');
} finally {
  await visit.end();
}
