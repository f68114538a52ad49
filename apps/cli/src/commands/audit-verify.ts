import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { LogVerdict } from '@castellan/audit';
import { CastellanError } from '@castellan/errors';
import { Invocation, type Surroundings } from '../invocation.js';
import { logKey } from '../log/log-key.js';
import { LogFolder } from '../log/log-folder.js';
import { ServedLog } from '../log/served-log.js';
import { UsageError } from '../usage-error.js';

interface VerifyOptions {
  readonly vkey?: string;
  readonly held: string[];
}

/** Faults that are named on the terminal; `--json` has all. */
const SHOWN = 20;

export function auditVerifyCommand(around: Surroundings): Command {
  return new Command('verify')
    .description('verify the whole log from leaf 0; every leaf that is not what was signed is named')
    .argument(
      '[folder]',
      'a copy made by "audit mirror", checked without any server; without it the served log',
    )
    .option('--vkey <key|file>', "the log's verifier key, as you were given it")
    .option('--held <file...>', 'checkpoints that you kept from earlier', [])
    .action(async (folder: string | undefined, options: VerifyOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const { verifyLog, verifyLogFolder } = await import('@castellan/audit');
      const copy = folder === undefined ? undefined : new LogFolder(folder);
      const log = copy ?? new ServedLog((await invocation.api()).connection);
      const parts = {
        vkey: await keyOf(invocation, folder, options.vkey),
        held: await Promise.all(options.held.map((file) => readFile(file, 'utf8'))),
        readTile: log.readTile,
        readEntries: log.readEntries,
      };
      const verify = async () => {
        const checked = { ...parts, checkpointNote: await log.checkpoint() };
        return copy === undefined ? verifyLog(checked) : verifyLogFolder({ ...checked, folder: copy.path });
      };
      const first = await verify();
      // A payload may have expired while it was looked for: then the permit is in the log that is signed by now.
      const mayHaveExpired = first.faults.some(({ code }) => code === 'payload_missing');
      const verdict = mayHaveExpired && copy === undefined ? await verify() : first;
      invocation.terminal.result(verdict, describe(verdict));
      if (!verdict.ok)
        throw new CastellanError({
          code: 'log_invalid',
          kind: 'forbidden',
          publicDetail: `The log does not hold up: ${verdict.faults.length} fault(s).`,
        });
    });
}

async function keyOf(
  invocation: Invocation,
  folder: string | undefined,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return logKey(given);
  if (folder !== undefined)
    throw new UsageError('A copy is checked against a key that does not come with it: give --vkey.');
  invocation.terminal.say("The server's own word is taken for the log's key; --vkey takes yours.");
  return (await (await invocation.api()).trust()).logVkey;
}

function describe({ ok, size, expired = 0, faults }: LogVerdict): string {
  const rest = expired === 0 ? '' : `; the payloads of ${expired} have expired, as the log says`;
  if (ok) return `sound: all ${size} leaves are the signed ones${rest}`;
  const lines = faults.slice(0, SHOWN).map(({ code, detail }) => `FAULT ${code}: ${detail}`);
  const more = faults.length > SHOWN ? [`and ${faults.length - SHOWN} more (--json has them)`] : [];
  return [...lines, ...more].join('\n');
}
