import { Command } from 'commander';
import type { Answer, AnswerColumn, AskQuestion } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { lossText } from '../terminal/loss-text.js';
import { UsageError } from '../usage-error.js';
import { formatTable } from '../terminal/format.js';
import { budgetCommand, denialsCommand, lowerCommand, raiseCommand } from './budget.js';
import { planCommand } from './privacy-plan.js';
import { reconcileCommand } from './reconcile.js';
import { synthesizeCommand } from './synthesize.js';
import { decimalText, nameText, probabilityText } from './arguments.js';

export interface AskOptions {
  readonly dataset: string;
  readonly epsilon?: string;
  readonly rho?: string;
  readonly delta?: string;
  readonly forProject?: string;
}

export function privacyCommand(around: Surroundings): Command {
  return new Command('privacy')
    .description('questions to protected tables, and what they cost')
    .addCommand(query(around))
    .addCommand(price(around))
    .addCommand(planCommand(around))
    .addCommand(budgetCommand(around))
    .addCommand(denialsCommand(around))
    .addCommand(raiseCommand(around))
    .addCommand(lowerCommand(around))
    .addCommand(reconcileCommand(around))
    .addCommand(synthesizeCommand(around));
}

function query(around: Surroundings): Command {
  return asking('query')
    .description('ask; the answer is noisy and its epsilon is charged')
    .action(async (sql: string, options: AskOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const answer = await api.ask(options.dataset, questionOf(sql, options));
      invocation.terminal.result(answer, describeAnswer(answer));
    });
}

function price(around: Surroundings): Command {
  return asking('price')
    .description('what a question would cost, and how noisy its answer would be; costs nothing')
    .action(async (sql: string, options: AskOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const priced = await api.price(options.dataset, questionOf(sql, options));
      const delta = priced.delta === undefined ? '' : ` and delta ${priced.delta}`;
      const left = delta === '' ? '' : ` and delta ${priced.remainingDelta ?? '0'}`;
      const cost = priced.free ? 'nothing: it has been answered before' : `${lossText(priced)}${delta}`;
      const text = [
        `It costs ${cost}; ${priced.remaining}${left} remains${priced.parts === undefined ? '' : ` for ${priced.parts.join(', ')}`}.`,
        ...describeSelection(priced),
        ...priced.columns.flatMap(describeNoise),
      ];
      invocation.terminal.result(priced, text.join('\n'));
    });
}

export function asking(name: string): Command {
  return new Command(name)
    .argument('<sql>', 'SELECT …, COUNT(*), SUM(…), AVG(…), MEDIAN(…) FROM … GROUP BY …')
    .requiredOption('--dataset <name>', 'the protected table', nameText)
    .option('--epsilon <decimal>', 'what you are ready to spend', decimalText)
    .option('--rho <decimal>', 'instead, of a table whose losses are added up in rho', decimalText)
    .option(
      '--delta <probability>',
      'as well, where GROUP BY names a column whose values are not public',
      probabilityText,
    )
    .option(
      '--for-project <name>',
      "on whose behalf, where you are an analyst (default: the table's own)",
      nameText,
    );
}

export function questionOf(
  sql: string,
  { epsilon, rho, delta, forProject: project }: AskOptions,
): AskQuestion {
  if ((epsilon === undefined) === (rho === undefined))
    throw new UsageError('Say what you are ready to spend: --epsilon or --rho.');
  return {
    sql,
    ...(epsilon === undefined ? { rho } : { epsilon }),
    ...(delta === undefined ? {} : { delta }),
    ...(project === undefined ? {} : { project }),
  };
}

function describeAnswer(answer: Answer): string {
  const { columns, rows, intervals95, charged, delta } = answer;
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
    ...describeSelection(answer),
    ...columns.flatMap(describeNoise),
    charged === '0'
      ? 'Charged nothing: the same question had been answered before.'
      : `Charged ${lossText(answer.rho === undefined ? { epsilon: charged } : { rho: charged })}${delta === undefined ? '' : ` and delta ${delta}`}.`,
  ].join('\n');
}

function describeSelection({ selection }: Pick<Answer, 'selection'>): string[] {
  if (selection === undefined) return [];
  const { keys, threshold, shownFrom } = selection;
  return [
    `Groups by ${keys.join(', ')} are shown when more than about ${threshold} units share them; those of ${shownFrom} with 95 % probability.`,
  ];
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
