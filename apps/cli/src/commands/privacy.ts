import { Command } from 'commander';
import type { Answer, AnswerColumn, Budget } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { decimalText, nameText } from './arguments.js';
import { synthesizeCommand } from './synthesize.js';

interface AskOptions {
  readonly dataset: string;
  readonly epsilon: string;
}

export function privacyCommand(around: Surroundings): Command {
  return new Command('privacy')
    .description('questions to protected tables, and what they cost')
    .addCommand(query(around))
    .addCommand(price(around))
    .addCommand(budget(around))
    .addCommand(synthesizeCommand(around));
}

function query(around: Surroundings): Command {
  return asking('query')
    .description('ask; the answer is noisy and its epsilon is charged')
    .action(async (sql: string, options: AskOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const answer = await api.ask(options.dataset, { sql, epsilon: options.epsilon });
      invocation.terminal.result(answer, describeAnswer(answer));
    });
}

function price(around: Surroundings): Command {
  return asking('price')
    .description('what a question would cost, and how noisy its answer would be; costs nothing')
    .action(async (sql: string, options: AskOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const priced = await api.price(options.dataset, { sql, epsilon: options.epsilon });
      const cost = priced.free ? 'nothing: it has been answered before' : `epsilon ${priced.epsilon}`;
      const text = [
        `It costs ${cost}; ${priced.remaining} remains.`,
        ...priced.columns.flatMap(describeNoise),
      ];
      invocation.terminal.result(priced, text.join('\n'));
    });
}

function asking(name: string): Command {
  return new Command(name)
    .argument('<sql>', 'SELECT …, COUNT(*), SUM(…), AVG(…), MEDIAN(…) FROM … GROUP BY …')
    .requiredOption('--dataset <name>', 'the protected table', nameText)
    .requiredOption('--epsilon <decimal>', 'what you are ready to spend', decimalText);
}

function budget(around: Surroundings): Command {
  return new Command('budget')
    .description("a dataset's privacy ledger")
    .argument('<dataset>', 'the protected table', nameText)
    .action(async (name: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const ledger = await (await invocation.api()).budget(name);
      const rows = ledger.entries.map(({ createdAt, person, epsilon, delta, state, question }) => [
        createdAt,
        person,
        epsilon,
        delta ?? '',
        state,
        question,
      ]);
      const head = `epsilon ${ledger.spent} of ${ledger.limit} spent, ${ledger.remaining} remains${deltaLeft(ledger)}; one unit is one ${ledger.privacyUnit}`;
      invocation.terminal.result(
        ledger,
        `${head}\n${formatTable(['WHEN', 'WHO', 'EPSILON', 'DELTA', 'STATE', 'QUESTION'], rows)}`,
      );
    });
}

function deltaLeft({ delta }: Budget): string {
  return delta === undefined ? '' : `; delta ${delta.spent} of ${delta.limit} spent`;
}

function describeAnswer({ columns, rows, intervals95, charged }: Answer): string {
  const cells = rows.map((row, index) =>
    row.map((cell, at) => {
      if (cell === null) return '';
      const ends = columns[at]?.parts && intervals95?.[index]?.[at];
      return ends ? `${cell} (${ends.join(' … ')})` : String(cell);
    }),
  );
  return [
    formatTable(
      columns.map(({ name }) => name),
      cells,
    ),
    ...columns.flatMap(describeNoise),
    charged === '0'
      ? 'Charged nothing: the same question had been answered before.'
      : `Charged epsilon ${charged}.`,
  ].join('\n');
}

function describeNoise({ name, kind, mechanism, interval95, parts, rank }: AnswerColumn): string[] {
  if (kind === 'key') return [];
  if (parts)
    return parts.map((part) => `${name}, ${part.name}: ${part.mechanism}, 95 % within ±${part.interval95}`);
  if (rank)
    return [
      `${name}: ${mechanism ?? 'selected'}, 95 % within ${Math.ceil(rank.interval95)} rows of its rank`,
    ];
  const within = interval95 === undefined ? '' : `, 95 % within ±${interval95}`;
  return [`${name}: ${mechanism ?? 'exact'}${within}`];
}
