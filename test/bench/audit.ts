import { parseArgs } from 'node:util';
import { appendRates } from './audit/append-rates.js';
import { BenchLog } from './audit/bench-log.js';
import { physicalLimits } from './audit/physical-limits.js';
import { proofMs } from './audit/proof-ms.js';
import { searchMsP99 } from './audit/search-ms.js';
import { sequencedPerSecond } from './audit/sequenced-per-second.js';
import { verifiedPerSecond } from './audit/verified-per-second.js';
import { rounded } from './measure.js';

/**
 * The log under full load on this machine, the database included: appends in transactions against the same transactions
 * without (in turn, medians of rounds, sequencer and all running), sequencing a backlog, verifying the whole log offline,
 * proofs and searches at its full size; and what the machine can do at best, a plain `COPY` and SHA-256.
 *
 * Options: `--leaves` (default 1,000,000), `--rounds` (default 3), `--seconds` of each append round (default 5), `--clients`
 * (default 16), `--threads` of the verifier (default: the machine's cores).
 */
export async function audit(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      leaves: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      clients: { type: 'string', default: '16' },
      threads: { type: 'string' },
    },
  });
  const [leaves, rounds, seconds, clients] = [
    values.leaves,
    values.rounds,
    values.seconds,
    values.clients,
  ].map(Number);
  const log = await BenchLog.open();
  try {
    const appends = await appendRates(log, {
      rounds: rounds ?? 3,
      seconds: seconds ?? 5,
      clients: clients ?? 16,
    });
    const sequenced = await sequencedPerSecond(log, leaves ?? 0);
    const limits = await physicalLimits(log);
    const verified = await verifiedPerSecond(
      log,
      values.threads === undefined ? undefined : Number(values.threads),
    );
    const proof = await proofMs(log);
    const search = await searchMsP99(log);
    return {
      appendPerSecond: rounded(appends.appendPerSecond),
      plainInsertPerSecond: rounded(appends.plainInsertPerSecond),
      appendOverPlain: rounded(appends.appendPerSecond / appends.plainInsertPerSecond),
      sequencedPerSecond: rounded(sequenced),
      lagMsP99: rounded(appends.lagMsP99),
      verifyPerSecond: rounded(verified),
      proofMs: rounded(proof),
      searchMsP99: rounded(search),
      leaves: await log.size(),
      copyPerSecond: rounded(limits.copyPerSecond),
      hashPerSecond: rounded(limits.hashPerSecond),
    };
  } finally {
    await log.close();
  }
}
