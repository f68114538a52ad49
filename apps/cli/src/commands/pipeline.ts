import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { DataRequestBody, Pipeline, type DatasetTask } from '@castellan/contracts';
import { z } from 'zod';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { UsageError } from '../usage-error.js';
import { nameText, uuidText } from './arguments.js';
import { approveTask, startTask } from './data-release.js';
import { cancelTask } from './dataset-tasks.js';

export function pipelineCommand(around: Surroundings): Command {
  return new Command('pipeline')
    .description(
      'several steps on a protected table, signed as a whole: classify, mask, measure, synthesize, train',
    )
    .addCommand(request(around))
    .addCommand(list(around))
    .addCommand(show(around))
    .addCommand(approveTask(around))
    .addCommand(startTask(around))
    .addCommand(cancelTask(around));
}

function request(around: Surroundings): Command {
  return new Command('request')
    .description('ask for a pipeline to be carried out; a second person has to sign it')
    .argument('<dataset>', 'the protected table', nameText)
    .argument('<file>', 'JSON: name, version, purpose and steps')
    .action(async (dataset: string, file: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const pipeline = await readPipeline(file);
      const task = await (await invocation.api()).requestTask(dataset, { request: pipeline });
      invocation.terminal.result(
        task,
        `${pipeline.name} version ${pipeline.version} is ${task.id} and waits for a signature: castellan pipeline approve ${dataset} ${task.id}`,
      );
    });
}

async function readPipeline(file: string): Promise<Pipeline> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${file} holds no JSON.`, cause);
  }
  const parsed = Pipeline.safeParse(typeof value === 'object' ? { ...value, kind: 'pipeline' } : value);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file} is not a pipeline:\n${z.prettifyError(parsed.error)}`);
}

function list(around: Surroundings): Command {
  return new Command('list')
    .description('the pipelines of a protected table, newest first')
    .argument('<dataset>', 'the protected table', nameText)
    .action(async (dataset: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { tasks } = await (await invocation.api()).tasks(dataset);
      const pipelines = tasks.filter(({ kind }) => kind === 'pipeline');
      const rows = pipelines.map((task) => {
        const { name = '', version = '' } = documentOf(task) ?? {};
        return [task.id, name, String(version), stateText(task), task.requestedBy, task.createdAt];
      });
      const heads = ['TASK', 'PIPELINE', 'VERSION', 'STATE', 'BY', 'WHEN'];
      invocation.terminal.result({ tasks: pipelines }, formatTable(heads, rows));
    });
}

function show(around: Surroundings): Command {
  return new Command('show')
    .description('where each step of a pipeline is, and what came of it')
    .argument('<dataset>', 'the protected table', nameText)
    .argument('<task>', 'the id of the task', uuidText)
    .action(async (dataset: string, id: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const task = await (await invocation.api()).task(dataset, id);
      const steps = task.summary?.kind === 'pipeline' ? task.summary.steps : [];
      const rows = (documentOf(task)?.steps ?? []).map(({ step }, at) => [
        String(at + 1),
        step,
        steps[at]?.state ?? 'open',
        steps[at]?.id ?? '',
      ]);
      const reason = task.failure === undefined ? '' : `\n${task.failure.detail}`;
      invocation.terminal.result(
        task,
        `${formatTable(['', 'STEP', 'STATE', 'OUTPUT'], rows)}\n${stateText(task)}${reason}`,
      );
    });
}

function stateText({ state, progress }: DatasetTask): string {
  return state === 'running' ? `running ${progress} %` : state;
}

function documentOf({ request }: DatasetTask): Pipeline | undefined {
  const body = DataRequestBody.safeParse(JSON.parse(request));
  return body.success && body.data.kind === 'pipeline' ? body.data : undefined;
}
