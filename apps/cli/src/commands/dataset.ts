import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type CreateDataset, DatasetDeclaration } from '@castellan/contracts';
import { z } from 'zod';
import { Invocation, type Surroundings } from '../invocation.js';
import { localFiles } from '../publish/local-files.js';
import { uploadBody } from '../publish/upload-body.js';
import { formatTable } from '../terminal/format.js';
import { UsageError } from '../usage-error.js';
import { decimalText, nameText, probabilityText } from './arguments.js';
import { classify, confirm } from './classification.js';
import { outliers } from './outliers.js';
import { approveTask, downloadResult, maskCommand, startTask } from './data-release.js';
import { reidentifyCommand, revealCommand } from './reidentification.js';
import { cancelTask, tasks } from './dataset-tasks.js';
import { renewData, replaceLogin } from './referenced-dataset.js';

interface SealOptions {
  readonly declaration: string;
  readonly name: string;
  readonly project: string;
  readonly epsilonLimit?: string;
  readonly rhoLimit?: string;
  readonly deltaLimit?: string;
  readonly personLimit?: string;
  readonly projectLimit?: string;
}

export function datasetCommand(around: Surroundings): Command {
  return new Command('dataset')
    .description('protected tables')
    .addCommand(seal(around))
    .addCommand(list(around))
    .addCommand(replaceLogin(around))
    .addCommand(renewData(around))
    .addCommand(classify(around))
    .addCommand(outliers(around))
    .addCommand(confirm(around))
    .addCommand(maskCommand(around))
    .addCommand(tasks(around))
    .addCommand(approveTask(around))
    .addCommand(startTask(around))
    .addCommand(downloadResult(around))
    .addCommand(reidentifyCommand(around))
    .addCommand(revealCommand(around))
    .addCommand(cancelTask(around));
}

function seal(around: Surroundings): Command {
  return new Command('seal')
    .description(
      'declare a protected table and stream its rows in, or the login for one that stays in PostgreSQL or in an S3 bucket; encrypted as it arrives',
    )
    .argument(
      '<file>',
      'CSV with a header line, JSON lines or Parquet, as the declaration says; of a table that stays elsewhere, the login (JSON)',
    )
    .requiredOption(
      '--declaration <file>',
      'JSON: columns with their public bounds, privacy unit, contribution bounds',
    )
    .requiredOption('--name <name>', "the dataset's name", nameText)
    .option('--epsilon-limit <decimal>', 'all the epsilon that may ever be spent', decimalText)
    .option(
      '--rho-limit <decimal>',
      'instead, all the rho, where the declaration says "accounting": "zcdp"',
      decimalText,
    )
    .option(
      '--delta-limit <probability>',
      'all the delta that may ever be spent: trainings need some, and GROUP BY on columns whose values are not public',
      probabilityText,
    )
    .option('--person-limit <decimal>', 'what any one person may spend of it', decimalText)
    .option('--project-limit <decimal>', 'what may be spent of it for any one project', decimalText)
    .option('--project <name>', 'the project', nameText, 'default')
    .action(async (file: string, options: SealOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const declaration = await readDeclaration(options.declaration);
      const [local] = await localFiles([file]);
      const api = await invocation.api();
      const { name, project, deltaLimit } = options;
      const { unit, limit, ...stated } = limitOf(options, declaration);
      const limits = {
        ...stated,
        ...(deltaLimit === undefined ? {} : { deltaLimit }),
        ...subLimitsOf(options, unit),
      };
      const declared = await api.createDataset({ name, project, ...limits, declaration });
      const progress = invocation.terminal.progress(name, local?.sizeBytes ?? 0);
      const dataset = await api.putContent(declared.id, {
        body: uploadBody(file, (bytes) => progress.advance(bytes.length)),
      });
      progress.done();
      invocation.terminal.result(
        dataset,
        `${name} is ${dataset.state}: ${dataset.sha256 ?? ''}, ${unit} ${limit}${deltaLimit === undefined ? '' : `, delta ${deltaLimit}`} in all`,
      );
    });
}

/** In what the declaration's losses are added up in. */
function limitOf({ epsilonLimit, rhoLimit }: SealOptions, { accounting }: DatasetDeclaration) {
  if (accounting === 'zcdp') {
    if (rhoLimit === undefined || epsilonLimit !== undefined)
      throw new UsageError('Losses of this table are added up in rho: say --rho-limit.');
    return { unit: 'rho', limit: rhoLimit, rhoLimit } as const;
  }
  if (epsilonLimit === undefined || rhoLimit !== undefined)
    throw new UsageError('Say how much may ever be spent: --epsilon-limit.');
  return { unit: 'epsilon', limit: epsilonLimit, epsilonLimit } as const;
}

function subLimitsOf(
  { personLimit, projectLimit }: SealOptions,
  unit: 'epsilon' | 'rho',
): Pick<CreateDataset, 'subLimits'> {
  if (personLimit === undefined && projectLimit === undefined) return {};
  return {
    subLimits: {
      ...(personLimit === undefined ? {} : { person: { [unit]: personLimit } }),
      ...(projectLimit === undefined ? {} : { project: { [unit]: projectLimit } }),
    },
  };
}

function list(around: Surroundings): Command {
  return new Command('list')
    .description('list the protected tables you may see')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { datasets } = await (await invocation.api()).datasets();
      const rows = datasets.map(({ name, project, state, declaration }) => [
        name,
        project,
        state,
        declaration.privacyUnit,
      ]);
      invocation.terminal.result(
        { datasets },
        formatTable(['DATASET', 'PROJECT', 'STATE', 'PRIVACY UNIT'], rows),
      );
    });
}

async function readDeclaration(file: string): Promise<DatasetDeclaration> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${file} holds no JSON.`, cause);
  }
  const parsed = DatasetDeclaration.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file} is not a declaration:\n${z.prettifyError(parsed.error)}`);
}
