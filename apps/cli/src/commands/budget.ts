import { Command } from 'commander';
import type { Budget, BudgetShare, Denial } from '@castellan/contracts';
import { PrivacyClient } from '../client/privacy-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { amountText, lossText, unitOf } from '../terminal/loss-text.js';
import { UsageError } from '../usage-error.js';
import { decimalText, nameText, probabilityText } from './arguments.js';
import { decimalSum } from './decimal-sum.js';

export function budgetCommand(around: Surroundings): Command {
  return new Command('budget')
    .description("a dataset's privacy ledger: what is spent, by whom, and when it will end")
    .argument('<dataset>', 'the protected table', nameText)
    .action(async (name: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const ledger = await (await invocation.api()).budget(name);
      const rows = ledger.entries.map(
        ({ createdAt, person, project, delta, parts, state, question, ...loss }) => [
          createdAt,
          person,
          project,
          amountText(loss),
          delta ?? '',
          parts?.join(', ') ?? 'all',
          state,
          question,
        ],
      );
      const unit = unitOf(ledger.accounting).toUpperCase();
      const head = ['WHEN', 'WHO', 'PROJECT', unit, 'DELTA', 'PART', 'STATE', 'QUESTION'];
      invocation.terminal.result(ledger, [...describeBudget(ledger), formatTable(head, rows)].join('\n'));
    });
}

function describeBudget(ledger: Budget): string[] {
  const { accounting, spent, limit, remaining, privacyUnit, delta, parts, shares } = ledger;
  const deltas = delta === undefined ? '' : `; delta ${delta.spent} of ${delta.limit} spent`;
  return [
    `${unitOf(accounting)} ${spent} of ${limit} spent, ${remaining} remains${deltas}; one unit is one ${privacyUnit}`,
    ...describeConversion(ledger),
    describeForecast(ledger),
    ...(ledger.restoredAt === undefined
      ? []
      : [
          `HELD: this ledger came from a backup (restored ${ledger.restoredAt}) and answers nothing until its steward has said what was spent since: castellan privacy reconcile`,
        ]),
    ...shares.map(
      ({ share, limit: most, used, remaining: left }) =>
        `${shareText(share)}: ${used} of ${most} used, ${left} remains`,
    ),
    ...(parts?.used ?? []).map(
      ({ value, used, remaining: left }) => `${parts?.column ?? ''} ${value}: ${used} used, ${left} remains`,
    ),
  ];
}

function describeConversion({ asEpsilon }: Budget): string[] {
  if (asEpsilon === undefined) return [];
  const { limit, spent } = asEpsilon;
  return [
    `that is epsilon ${spent.epsilon} at delta ${spent.delta} so far, and epsilon ${limit.epsilon} at delta ${limit.delta} when all is spent`,
  ];
}

function describeForecast({ forecast: { perDay, days, endsAt } }: Budget): string {
  const lately = `${perDay} a day over the last ${days === 1 ? 'day' : `${days} days`}`;
  return endsAt === undefined ? `${lately}: no end in sight` : `${lately}: ends ${endsAt.slice(0, 10)}`;
}

function shareText(share: BudgetShare): string {
  return share.kind === 'dataset' ? 'the dataset' : `${share.kind} ${share.name}`;
}

export function denialsCommand(around: Surroundings): Command {
  return new Command('denials')
    .description('questions that the budget did not hold, newest first')
    .argument('<dataset>', 'the protected table', nameText)
    .action(async (name: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { connection } = await invocation.api();
      const list = await new PrivacyClient(connection, name).denials();
      const rows = list.denials.map(denialRow);
      const head = ['WHEN', 'WHO', 'COST', 'DELTA', 'LIMIT OF', 'LEFT OF IT', 'QUESTION'];
      invocation.terminal.result(list, formatTable(head, rows));
    });
}

function denialRow({ at, person, delta, share, remaining, question, ...loss }: Denial): string[] {
  return [at, person, lossText(loss), delta ?? '', shareText(share), remaining, question];
}

interface LimitOptions {
  readonly to?: string;
  readonly deltaTo?: string;
  readonly person?: string;
  readonly project?: string;
  readonly purpose: string;
}

interface RaiseOptions extends LimitOptions {
  readonly by?: string;
}

export function raiseCommand(around: Surroundings): Command {
  return new Command('raise')
    .description('ask for a higher limit; two other people have to sign it (castellan dataset approve)')
    .argument('<dataset>', 'the protected table', nameText)
    .requiredOption('--purpose <text>', 'why: what the two sign')
    .option('--to <decimal>', 'the new limit, of epsilon or rho as the budget says', decimalText)
    .option('--by <decimal>', "so much more than the dataset's limit is now", decimalText)
    .option('--delta-to <probability>', 'the new limit of delta', probabilityText)
    .option('--person <name>', 'what this person may spend, and not the limit of all', nameText)
    .option('--project <name>', 'what may be spent for this project, and not the limit of all', nameText)
    .action(async (dataset: string, options: RaiseOptions, command: Command) => {
      const share = shareOf(options);
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const { accounting, limit: present } = await api.budget(dataset);
      const limit = limitOf(options, share, present);
      const wanted = { ...wantedOf(options, share), ...statedIn(accounting, limit) };
      const task = await api.requestTask(dataset, { request: { kind: 'budget', ...wanted } });
      invocation.terminal.result(
        task,
        `${task.id} asks for ${unitOf(accounting)} ${limit} for ${shareText(share)}; two others sign it: castellan dataset approve ${dataset} ${task.id}`,
      );
    });
}

export function lowerCommand(around: Surroundings): Command {
  return new Command('lower')
    .description('as steward: lower a limit, at once; raises that were asked for before it are void')
    .argument('<dataset>', 'the protected table', nameText)
    .requiredOption('--purpose <text>', 'why: it stands in the audit log')
    .requiredOption('--to <decimal>', 'the new limit, of epsilon or rho as the budget says', decimalText)
    .option('--delta-to <probability>', 'the new limit of delta', probabilityText)
    .option('--person <name>', 'what this person may spend, and not the limit of all', nameText)
    .option('--project <name>', 'what may be spent for this project, and not the limit of all', nameText)
    .action(async (dataset: string, options: LimitOptions, command: Command) => {
      const share = shareOf(options);
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const { accounting } = await api.budget(dataset);
      const limit = options.to ?? '0';
      const wanted = { ...wantedOf(options, share), ...statedIn(accounting, limit) };
      const task = await api.requestTask(dataset, { request: { kind: 'lower', ...wanted } });
      const text = `The limit of ${shareText(share)} is ${unitOf(accounting)} ${limit} now.`;
      invocation.terminal.result(task, text);
    });
}

function wantedOf({ purpose, deltaTo }: LimitOptions, share: BudgetShare) {
  return { purpose, share, ...(deltaTo === undefined ? {} : { deltaLimit: deltaTo }) };
}

function statedIn(accounting: Budget['accounting'], limit: string) {
  return accounting === 'pure' ? { epsilonLimit: limit } : { rhoLimit: limit };
}

function shareOf({ person, project }: LimitOptions): BudgetShare {
  if (person !== undefined && project !== undefined)
    throw new UsageError('Change one limit at a time: --person or --project.');
  if (person !== undefined) return { kind: 'person', name: person };
  return project === undefined ? { kind: 'dataset' } : { kind: 'project', name: project };
}

function limitOf({ to, by }: RaiseOptions, share: BudgetShare, present: string): string {
  if ((to === undefined) === (by === undefined)) throw new UsageError('Say how high: --to or --by.');
  if (to !== undefined) return to;
  if (share.kind !== 'dataset') throw new UsageError('--by is for the limit of all; say --to.');
  return decimalSum(present, by ?? '0');
}
