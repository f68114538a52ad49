import { Command } from 'commander';
import type { AuditPage } from '@castellan/contracts';
import type { ApiClient } from '../client/api-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { exportCommand, exportsCommand } from './audit-export.js';
import { targetsCommand } from './audit-targets.js';
import { holdCommand } from './audit-hold.js';
import { auditMirrorCommand } from './audit-mirror.js';
import { auditMonitorCommand } from './audit-monitor.js';
import { auditNewLogCommand } from './audit-new-log.js';
import { retentionCommand } from './audit-retention.js';
import { auditVerifyCommand } from './audit-verify.js';

type SearchOptions = Readonly<Record<string, string>>;

export function auditCommand(around: Surroundings): Command {
  return new Command('audit')
    .description('the record')
    .addCommand(search(around))
    .addCommand(exportCommand(around))
    .addCommand(exportsCommand(around))
    .addCommand(targetsCommand(around))
    .addCommand(retentionCommand(around))
    .addCommand(holdCommand(around))
    .addCommand(auditMonitorCommand(around))
    .addCommand(auditMirrorCommand(around))
    .addCommand(auditVerifyCommand(around))
    .addCommand(auditNewLogCommand(around));
}

function search(around: Surroundings): Command {
  return new Command('search')
    .description('search the audit log, newest first')
    .argument('[text]', 'words in the event, from the beginning of a word on')
    .option('--action <name>', 'for example version.finalized')
    .option('--actor <id>', 'who')
    .option('--resource <id>', 'what')
    .option('--decision <allow|deny>', 'how it went')
    .option('--from <time>', 'ISO 8601, UTC')
    .option('--to <time>', 'ISO 8601, UTC')
    .option('--before <index>', 'leaves before this index: the next page')
    .option('--limit <n>', 'at most so many', '50')
    .action(async (text: string | undefined, options: SearchOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const { action, actor, resource, decision, from, to, before, limit } = options;
      const page = await searchPages(
        await invocation.api(),
        { action, actor, resource, decision, from, to, before, text },
        Number(limit),
      );
      const rows = page.records.map((record) => [
        record.index,
        record.time,
        record.action,
        record.expired === true ? '(expired)' : record.actor,
        record.resource ?? '',
        record.decision,
      ]);
      const table = formatTable(['INDEX', 'TIME', 'ACTION', 'ACTOR', 'RESOURCE', 'DECISION'], rows);
      const more = page.next === undefined ? '' : `\nmore: --before ${page.next}`;
      invocation.terminal.result(page, `${table}\nof ${page.treeSize} leaves${more}`);
    });
}

/** Goes on until the page is full or the log ends: the server answers after bounded work, perhaps with less. */
async function searchPages(
  api: ApiClient,
  filter: Readonly<Record<string, string | undefined>>,
  limit: number,
): Promise<AuditPage> {
  let page = await api.auditEvents({ ...filter, limit: String(limit) });
  while (page.next !== undefined && page.records.length < limit) {
    const left = String(limit - page.records.length);
    const more = await api.auditEvents({ ...filter, before: page.next, limit: left });
    page = { ...more, records: [...page.records, ...more.records] };
  }
  return page;
}
