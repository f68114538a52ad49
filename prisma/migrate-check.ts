// npm run migrate:check: fails when the migrations do not lead to prisma/schema.
import { pendingSql } from './pending-sql.js';

const sql = await pendingSql();
if (sql !== undefined) {
  console.error(`The migrations lag behind prisma/schema. Run: npm run migrate:create NAME\n\n${sql}`);
  process.exitCode = 1;
}
