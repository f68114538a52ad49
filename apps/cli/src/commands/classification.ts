import { Command, InvalidArgumentError } from 'commander';
import {
  ClassificationEvidence,
  PersonalDataKind,
  personalDataKinds,
  type Dataset,
  type DatasetTask,
} from '@castellan/contracts';
import { awaitTask } from '../datasets/await-task.js';
import { openResult } from '../datasets/open-result.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { printable } from '../terminal/printable.js';
import { UsageError } from '../usage-error.js';
import { nameText } from './arguments.js';

/** Proposals from this confidence on are confirmed unless the steward says otherwise. */
const LIKELY = 0.5;

export function classify(around: Surroundings): Command {
  return new Command('classify')
    .description(
      'look through a sealed table for personal data; masked samples are opened here, for you alone',
    )
    .argument('<dataset>', 'the protected table', nameText)
    .action(async (dataset: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { terminal, signal } = invocation;
      const api = await invocation.api();
      const asked = await api.requestTask(dataset, { request: { kind: 'classify' } });
      const task = await awaitTask(api, asked, (line) => terminal.say(line), signal);
      const bytes = await openResult(api, dataset, task.id);
      const evidence = ClassificationEvidence.parse(JSON.parse(new TextDecoder().decode(bytes)));
      terminal.result(
        { task, evidence },
        `${describeEvidence(evidence)}\nSay what holds: castellan dataset confirm ${dataset}`,
      );
    });
}

function describeEvidence({ rows, columns }: ClassificationEvidence): string {
  const lines = columns.flatMap(({ name, findings }) =>
    findings.length === 0
      ? [[printable(name), '-', '', '', '']]
      : findings.map(({ kind, confidence, whole, within, of, evidence }, at) => [
          at === 0 ? printable(name) : '',
          kind,
          `${Math.round(confidence * 100)} %`,
          `${whole + within} of ${of}`,
          printable(evidence.join('  ')),
        ]),
  );
  return `${rows} rows\n${formatTable(['COLUMN', 'KIND', 'CONFIDENCE', 'VALUES', 'MASKED SAMPLES'], lines)}`;
}

interface ConfirmOptions {
  readonly column: Said[];
}

export function confirm(around: Surroundings): Command {
  return new Command('confirm')
    .description('say which personal data each column holds; what you leave out is taken from the last look')
    .argument('<dataset>', 'the protected table', nameText)
    .option('--column <name=kind,…>', 'correct a column; name=none for no personal data', columnKinds, [])
    .addHelpText('after', `\nKinds: ${personalDataKinds.join(', ')}`)
    .action(async (name: string, options: ConfirmOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const [dataset, { tasks }] = await Promise.all([api.dataset(name), api.tasks(name)]);
      const columns = confirmedColumns(dataset, tasks, options.column);
      const confirmed = await api.confirmClassification(name, { columns });
      const rows = columns.map(({ name: column, kinds }) => [printable(column), kinds.join(', ') || 'none']);
      invocation.terminal.result(confirmed, formatTable(['COLUMN', 'HOLDS'], rows));
    });
}

/** The steward's corrections over the last look's likely proposals. @throws UsageError when there was no look */
function confirmedColumns({ declaration }: Dataset, tasks: readonly DatasetTask[], said: readonly Said[]) {
  const last = tasks.find(({ kind, summary }) => kind === 'classify' && summary !== undefined)?.summary;
  const unknown = said.find(({ name }) => declaration.columns.every((column) => column.name !== name));
  if (unknown !== undefined) throw new UsageError(`The table has no column ${printable(unknown.name)}.`);
  return declaration.columns.map(({ name }) => {
    const corrected = said.find((each) => each.name === name);
    if (corrected !== undefined) return corrected;
    const proposed = last?.kind === 'classify' ? last.columns.find((each) => each.name === name) : undefined;
    if (proposed === undefined)
      throw new UsageError(
        `Nobody has looked at ${printable(name)} yet: castellan dataset classify, or --column.`,
      );
    return {
      name,
      kinds: proposed.kinds.filter((each) => each.confidence >= LIKELY).map(({ kind }) => kind),
    };
  });
}

interface Said {
  readonly name: string;
  readonly kinds: PersonalDataKind[];
}

function columnKinds(text: string, earlier: Said[]): Said[] {
  const at = text.lastIndexOf('=');
  const words = text.slice(at + 1).split(',');
  const kinds = words[0] === 'none' && words.length === 1 ? [] : words;
  const known = PersonalDataKind.array().safeParse(kinds);
  if (at < 1 || !known.success)
    throw new InvalidArgumentError(
      `Expected name=kind,… with kinds of ${personalDataKinds.join(', ')}, or none.`,
    );
  return [...earlier, { name: text.slice(0, at), kinds: known.data }];
}
