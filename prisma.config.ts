import { defineConfig } from 'prisma/config';

// For the Prisma CLI only. The platform migrates itself (libs/platform/database) and needs no CLI.
export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  ...(process.env['DATABASE_URL'] === undefined ? {} : { datasource: { url: process.env['DATABASE_URL'] } }),
});
