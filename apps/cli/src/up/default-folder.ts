import { join } from 'node:path';
import type { Invocation } from '../invocation.js';

/** Under the user's own folder; root's can't be entered by the account that PostgreSQL then runs as. */
export function defaultFolder({ config }: Invocation): string {
  return process.getuid?.() === 0 ? '/var/lib/castellan' : join(config.home, 'data');
}
