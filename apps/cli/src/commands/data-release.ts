import { createHash, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { dataApprovalPayload } from '@castellan/approval-policy';
import { DataRequestHead, MaskingRequest, type DatasetTask } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { z } from 'zod';
import { awaitTask } from '../datasets/await-task.js';
import { openResult } from '../datasets/open-result.js';
import { daysAfter } from '../documents/days.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatBytes } from '../terminal/format.js';
import { printable } from '../terminal/printable.js';
import { UsageError } from '../usage-error.js';
import { nameText, uuidText, wholeNumber } from './arguments.js';
import { signAndSubmit } from './sign-and-submit.js';

export function maskCommand(around: Surroundings): Command {
  return new Command('mask')
    .description('ask for a masked copy of a protected table; a second person has to sign it')
    .argument('<dataset>', 'the protected table', nameText)
    .requiredOption('--plan <file>', 'JSON: purpose, a mask for each column, and the gates k, l, t')
    .action(async (dataset: string, { plan }: { plan: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const request = await readPlan(plan);
      const task = await (await invocation.api()).requestTask(dataset, { request });
      invocation.terminal.result(
        task,
        `${task.id} waits for a signature: castellan dataset approve ${dataset} ${task.id}`,
      );
    });
}

async function readPlan(file: string): Promise<MaskingRequest> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${file} holds no JSON.`, cause);
  }
  const parsed = MaskingRequest.safeParse(typeof value === 'object' ? { ...value, kind: 'mask' } : value);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file} is not a plan:\n${z.prettifyError(parsed.error)}`);
}

interface DecideOptions {
  readonly reason: string;
  readonly days: number;
  readonly key?: string;
  readonly yes?: boolean;
  readonly reject?: boolean;
}

export function approveTask(around: Surroundings): Command {
  return new Command('approve')
    .description(
      'sign that what was asked for may be done with a protected table; it begins when enough have signed',
    )
    .argument('<dataset>', 'the protected table', nameText)
    .argument('<task>', 'the id of the task', uuidText)
    .option('--reject', 'sign that it may not be done')
    .option('--reason <text>', 'why', 'reviewed')
    .option('--days <n>', 'days for which the decision stands', wholeNumber, 30)
    .option('--key <file>', 'the key file (default: the profile folder)')
    .option('--yes', 'sign without asking')
    .action(async (dataset: string, id: string, options: DecideOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const [{ name: person }, task] = await Promise.all([api.me(), api.task(dataset, id)]);
      const decision = options.reject === true ? 'reject' : 'approve';
      invocation.terminal.say(printable(JSON.stringify(JSON.parse(task.request), null, 2)));
      await signAndSubmit(invocation, {
        title: `${person} will ${decision} this request about ${dataset}`,
        payload: decisionOn(task, { decision, person, issuedAt: invocation.now(), ...options }),
        keyPath: options.key ?? invocation.keyPath,
        yes: options.yes === true,
      });
      if (decision === 'approve') await beginIfSigned(invocation, dataset, id);
    });
}

interface Deciding {
  readonly decision: 'approve' | 'reject';
  readonly person: string;
  readonly reason: string;
  readonly days: number;
  readonly issuedAt: Date;
}

/** The digest is of the text that was shown, not the one that the server names. @throws `request_mismatch` */
function decisionOn(task: DatasetTask, { days, issuedAt, decision, person, reason }: Deciding) {
  const requestDigest = createHash('sha256').update(task.request, 'utf8').digest('hex');
  const { kind, dataset, organization, project } = DataRequestHead.parse(JSON.parse(task.request));
  if (requestDigest !== task.digest)
    throw new CastellanError({
      code: 'request_mismatch',
      kind: 'internal',
      publicDetail: 'The request that the server shows is not the one that it names. Do not sign.',
    });
  const dates = { issuedAt: issuedAt.toISOString(), expiresAt: daysAfter(issuedAt, days) };
  const terms = { decision, organization, project, person, reason, nonce: randomUUID(), ...dates };
  return dataApprovalPayload({ name: `${kind} ${dataset}`, requestDigest }, terms);
}

async function beginIfSigned(invocation: Invocation, dataset: string, id: string): Promise<void> {
  const api = await invocation.api();
  const { allowed, reasons } = await api.evaluateTask(dataset, id);
  if (allowed) await api.startTask(dataset, id);
  const { kind } = await api.task(dataset, id);
  invocation.terminal.say(
    allowed
      ? kind === 'budget'
        ? 'The limit is raised.'
        : 'It begins.'
      : reasons.map(({ detail }) => detail).join(' '),
  );
}

export function startTask(around: Surroundings): Command {
  return new Command('start')
    .description('begin work that has been signed, and wait for it')
    .argument('<dataset>', 'the protected table', nameText)
    .argument('<task>', 'the id of the task', uuidText)
    .action(async (dataset: string, id: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { terminal, signal } = invocation;
      const api = await invocation.api();
      const begun = await api.startTask(dataset, id);
      const task = await awaitTask(api, begun, (line) => terminal.say(line), signal);
      terminal.result(task, `${task.kind} ${task.id} is done`);
    });
}

export function downloadResult(around: Surroundings): Command {
  return new Command('download')
    .description('open the result of a task here, and save it; from then on it is yours to protect')
    .argument('<dataset>', 'the protected table', nameText)
    .argument('<task>', 'the id of the task', uuidText)
    .requiredOption('-o, --output <file>', 'where to write it')
    .action(async (dataset: string, id: string, { output }: { output: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const bytes = await openResult(await invocation.api(), dataset, id);
      await writeFile(output, bytes, { mode: 0o600, flag: 'wx' }).catch((cause: unknown) => {
        throw new UsageError(`${output} can't be written, or is there already.`, cause);
      });
      invocation.terminal.result(
        { task: id, file: output, sizeBytes: bytes.byteLength },
        `${output} (${formatBytes(bytes.byteLength)})`,
      );
    });
}
