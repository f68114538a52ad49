import { SearchIndex, type AuditSearch } from '@castellan/audit';
import { secondsOf } from '../measure.js';
import { percentile } from './append-rates.js';
import { benchEvent, type BenchLog } from './bench-log.js';

const SEARCHES = 600;

/** The 99th percentile of a first page of 50, over conditions as people combine them, once the search index is built. */
export async function searchMsP99(log: BenchLog): Promise<number> {
  console.error('search: building the index');
  const index = new SearchIndex(log.database);
  while ((await index.round()) > 0);
  await log.database.client.$executeRawUnsafe('VACUUM ANALYZE');
  const times: number[] = [];
  for (let n = 0; n < SEARCHES; n++) {
    const search = searchNumber(n);
    times.push((await secondsOf(() => log.reader.search(search))) * 1_000);
  }
  const p99 = percentile(times, 0.99);
  console.error(`search: p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  return p99;
}

/** As the api asks: always within one organization. */
function searchNumber(n: number): AuditSearch {
  const { actor, action, resource, organizationId = '' } = benchEvent(n * 1_663);
  const within = { limit: 50, organizationId };
  const actorId = actor.id ?? '';
  const to = new Date(Date.now() - n * 10);
  const kinds: AuditSearch[] = [
    within,
    { ...within, action },
    { ...within, actorId, action },
    { ...within, resourceId: resource?.id ?? '' },
    { ...within, decision: 'deny', action: 'key', to },
    { ...within, text: `digits-${n % 37}`, actorId },
    { ...within, text: `digits-${n % 37}` },
    { ...within, text: 'digi' },
  ];
  return kinds[n % kinds.length] ?? within;
}
