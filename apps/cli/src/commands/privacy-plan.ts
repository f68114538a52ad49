import { PlanDialect, type QuestionPlan } from '@castellan/contracts';
import { Option, type Command } from 'commander';
import { PrivacyClient } from '../client/privacy-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { asking, questionOf, type AskOptions } from './privacy.js';

interface PlanOptions extends AskOptions {
  readonly dialect: PlanDialect;
  readonly table?: string;
}

/** `privacy plan`: the SQL that a question becomes where its table is. Nothing is run and nothing is charged. */
export function planCommand(around: Surroundings): Command {
  return asking('plan')
    .description('the bounding query that a question becomes, as SQL for an engine; nothing is run')
    .addOption(
      new Option('--dialect <name>', 'the engine that it is written for')
        .choices(PlanDialect.options)
        .makeOptionMandatory(),
    )
    .option('--table <catalogue.schema.table>', "the table's name there (default: as the declaration says)")
    .action(async (sql: string, { dialect, table, ...options }: PlanOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const { connection } = await invocation.api();
      const plan = await new PrivacyClient(connection, options.dataset).plan({
        ...questionOf(sql, options),
        dialect,
        ...(table === undefined ? {} : { table: table.split('.') }),
      });
      invocation.terminal.result(plan, describePlan(plan));
    });
}

/** SQL as it stands, so that it can be passed on; what it is about in comments. */
function describePlan({ question, queries, measures }: QuestionPlan): string {
  return [
    comment(question),
    comment(
      'What this gives is exact. It may be shown to nobody before noise is added, as Castellan adds it:',
    ),
    ...measures.map(({ name, of, mechanism, scale, sensitivity }) =>
      comment(`  ${name} is ${of}: ${mechanism}, scale ${scale}, for sensitivity ${sensitivity}`),
    ),
    ...queries.flatMap(({ of, sql, parameters }) => [
      '',
      comment(of),
      ...parameters.map((value, i) => comment(`  $${i + 1} = ${JSON.stringify(value)}`)),
      `${sql};`,
    ]),
  ].join('\n');
}

/** In one line, whatever names and constants are in it: a second line would be SQL. */
function comment(text: string): string {
  return `-- ${text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ')}`;
}
