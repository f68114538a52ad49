// npm run migrate:create NAME: writes prisma/migrations/<timestamp>_<name>/migration.sql from what changed in prisma/schema.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrationsFolder } from '@castellan/database';
import { pendingSql } from './pending-sql.js';

const name = process.argv[2];
if (name === undefined || !/^[a-z0-9_]{1,60}$/.test(name)) {
  console.error('usage: npm run migrate:create NAME   (lower case, digits, _)');
  process.exit(2);
}
const sql = await pendingSql();
if (sql === undefined) {
  console.error('The schema has not changed.');
} else {
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(migrationsFolder, `${timestamp}_${name}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'migration.sql'), sql);
  console.log(join(folder, 'migration.sql'));
}
