import { setTimeout as sleep } from 'node:timers/promises';
import { CastellanError } from '@castellan/errors';
import { AuditConditions, type AuditExport, ExportFormat } from '@castellan/contracts';
import { Command, Option } from 'commander';
import type { ApiClient } from '../client/api-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { saveResponse } from '../client/save-response.js';
import type { Terminal } from '../terminal/terminal.js';

const POLL_MS = 500;

interface ExportOptions extends Readonly<Record<string, string | undefined>> {
  readonly format: string;
  readonly output: string;
}

/** `castellan audit export`: asks, waits with progress, saves. An interrupt gives the export up. */
export function exportCommand(around: Surroundings): Command {
  return new Command('export')
    .description('export what a search finds, signed for openssl and sha256sum')
    .argument('[text]', 'words in the event, from the beginning of a word on')
    .addOption(
      new Option('--format <format>', 'what a row is').choices(ExportFormat.options).default('jsonl'),
    )
    .requiredOption('-o, --output <file>', 'where to write the tar')
    .option('--action <name>', 'for example version.finalized')
    .option('--actor <id>', 'who')
    .option('--resource <id>', 'what')
    .option('--decision <allow|deny>', 'how it went')
    .option('--from <time>', 'ISO 8601, UTC')
    .option('--to <time>', 'ISO 8601, UTC')
    .action(async (text: string | undefined, options: ExportOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const { format, output, ...conditions } = options;
      const api = await invocation.api();
      const filter = AuditConditions.parse({ ...conditions, text });
      const { id } = await api.requestAuditExport({ format: ExportFormat.parse(format), filter });
      const done = await waitFor(api, id, invocation.terminal, invocation.signal);
      await saveResponse(await api.auditExportContent(id), output);
      invocation.terminal.result(
        { ...done, file: output },
        `${output}: ${done.rows} rows, SHA-256 ${done.sha256 ?? ''}`,
      );
    });
}

async function waitFor(
  api: ApiClient,
  id: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<AuditExport> {
  let told = -1;
  for (;;) {
    const now = await api.auditExport(id);
    const percent = now.treeSize === '0' ? 100 : Number((BigInt(now.scanned) * 100n) / BigInt(now.treeSize));
    if (percent !== told) terminal.say(`${percent} % of ${now.treeSize} leaves, ${now.rows} rows`);
    told = percent;
    if (now.state === 'done') return now;
    if (now.state === 'failed' || now.state === 'cancelled')
      throw new CastellanError({
        code: 'export_not_ready',
        kind: 'conflict',
        publicDetail:
          `The export ${now.state === 'failed' ? 'failed' : 'was cancelled'}. ${now.failure ?? ''}`.trim(),
      });
    await sleep(POLL_MS, undefined, { signal }).catch(async (error: unknown) => {
      await api.cancelAuditExport(id);
      throw error;
    });
  }
}

/** `castellan audit exports`: the latest, with their ids. */
export function exportsCommand(around: Surroundings): Command {
  return new Command('exports')
    .description('list exports')
    .action(async (_options: object, command: Command) => {
      const invocation = new Invocation(around, command);
      const list = await (await invocation.api()).auditExports();
      const rows = list.exports.map((each) => [
        each.id,
        each.format,
        each.state,
        each.rows,
        each.requestedBy,
        each.createdAt,
      ]);
      invocation.terminal.result(list, formatTable(['ID', 'FORMAT', 'STATE', 'ROWS', 'BY', 'ASKED'], rows));
    });
}
