// Logs until nobody can have missed that its reader is gone, then ends. For a spec.
import { structuredLog } from '../structured-log.js';

const log = structuredLog({ service: 'spec', instance: 'spec' }, { logLevel: 'info' });
for (let line = 0; line < 50; line++) {
  log.info({ line }, 'still here');
  await new Promise((resolve) => setTimeout(resolve, 5));
}
