import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { TrainingRequest, type Training, type TrainingPrice } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { TrainingClient } from '../client/training-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { lossText } from '../terminal/loss-text.js';
import { formatTable } from '../terminal/format.js';
import { UsageError } from '../usage-error.js';
import { nameText, wholeNumber } from './arguments.js';

const POLL_MS = 1_000;

export function trainCommand(around: Surroundings): Command {
  return new Command('train')
    .description('models trained on protected tables, with differential privacy')
    .addCommand(asking(around, 'start', 'train; epsilon and delta are charged, a version comes out'))
    .addCommand(
      asking(around, 'price', 'what a training would cost and how noisy it would be; costs nothing'),
    )
    .addCommand(list(around))
    .addCommand(cancel(around));
}

interface Options {
  readonly dataset: string;
  readonly wait?: boolean;
  readonly hidden?: number[];
  readonly augment?: string[];
  readonly [option: string]: unknown;
}

/** `start` and `price` take the same options. */
function asking(around: Surroundings, name: 'start' | 'price', description: string): Command {
  const command = new Command(name)
    .description(description)
    .requiredOption('--dataset <name>', 'the protected table', nameText)
    .requiredOption('--label <column>', 'what is predicted: a category or a number')
    .requiredOption(
      '--model <name>',
      'the model whose next version comes out; made where it is new',
      nameText,
    )
    .requiredOption('--epsilon <decimal>', 'what you are ready to spend')
    .requiredOption('--delta <decimal>', 'such as 1e-6')
    .option('--features <column...>', 'what is learnt from (default: all other columns)')
    .option('--base <version>', 'an approved version that is trained on, such as digits@3')
    .option(
      '--train-last <count>',
      'train so many of its last dense layers and leave the rest (default: all)',
      wholeNumber,
    )
    .option(
      '--image <shape>',
      'the features are pixels: height x width x channels, such as 8x8x1',
      imageShape,
    )
    .option('--augment <change...>', 'flip=horizontal, flip=vertical, rotate=15, crop=1, mix=0.4')
    .option(
      '--augment-copies <count>',
      'so many changed copies make a row’s gradient (default: 4)',
      wholeNumber,
    )
    .option('--hidden <width...>', 'widths of the hidden layers (default: 16)')
    .option('--activation <name>', 'relu, tanh or sigmoid')
    .option('--steps <count>', 'steps (default: 200)', wholeNumber)
    .option('--sampling-rate <share>', 'with which probability a unit is in a batch (default: 0.1)')
    .option('--batch-units <count>', 'about how many units a batch has (default: 50)', wholeNumber)
    .option('--rows-per-unit <count>', 'rows of one unit that count (default: 1)', wholeNumber)
    .option('--clip <norm>', "to which one unit's gradient is clipped (default: 1)", Number)
    .option('--optimiser <name>', 'sgd, momentum, adagrad, rmsprop or adam (default: adam)')
    .option('--learning-rate <rate>', '(default: 0.02)', Number)
    .option('--momentum <share>', '(default: 0.9)', Number)
    .option('--l1 <weight>', 'pulls weights to zero', Number)
    .option('--l2 <weight>', 'makes weights small', Number)
    .option('--evaluate-on <id>', 'a synthetic table of the dataset that progress is measured on');
  if (name === 'start') command.option('--no-wait', 'do not wait for the end');
  return command.action(async (options: Options, self: Command) => {
    const invocation = new Invocation(around, self);
    const { terminal, signal } = invocation;
    const request = readRequest(options);
    const trainings = await trainingsOn(invocation, options.dataset);
    const price = await trainings.price(request);
    if (name === 'price') return terminal.result(price, describePrice(price));
    terminal.say(describePrice(price));
    const started = await trainings.start(request);
    if (options.wait === false) return terminal.result(started, started.id);
    const training = await untilEnd(trainings, started, (text) => terminal.say(text), signal);
    terminal.result(training, describeEnd(training));
  });
}

async function trainingsOn(invocation: Invocation, dataset: string): Promise<TrainingClient> {
  return new TrainingClient((await invocation.api()).connection, dataset);
}

function readRequest({ dataset: _, wait: __, ...options }: Options): TrainingRequest {
  const hidden = options.hidden?.map(Number);
  const augment = options.augment?.map(imageChange);
  const request = TrainingRequest.safeParse({
    ...options,
    ...(hidden && { hidden }),
    ...(augment && { augment }),
  });
  if (request.success) return request.data;
  const [issue] = request.error.issues;
  throw new UsageError(`--${String(issue?.path[0] ?? '')}: ${issue?.message ?? 'not understood'}`);
}

function imageShape(text: string): NonNullable<TrainingRequest['image']> {
  const [height, width, channels = 1, ...rest] = text.split('x').map(Number);
  if (height === undefined || width === undefined || rest.length > 0)
    throw new UsageError('--image: expected height x width x channels, such as 28x28x1');
  return { height, width, channels };
}

/** `flip=horizontal`, `rotate=15`: what it may be is the contract's to say. */
function imageChange(text: string): Record<string, string | number> {
  const [name = '', value = ''] = text.split('=');
  return { [name]: name === 'flip' ? value : Number(value) };
}

async function untilEnd(
  trainings: TrainingClient,
  training: Training,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<Training> {
  let [current, told] = [training, 0];
  while (current.state === 'waiting' || current.state === 'running') {
    await sleep(POLL_MS, undefined, { signal });
    current = await trainings.show(training.id);
    const last = current.points.at(-1);
    if (last !== undefined && last.step > told) say(describePoint(last, current.steps));
    told = last?.step ?? told;
  }
  if (current.state === 'done') return current;
  throw new CastellanError({
    code: 'training_failed',
    kind: 'unavailable',
    publicDetail:
      current.state === 'refunded'
        ? `The training never started (${current.failure ?? 'unknown'}): nothing was charged. ${current.failureDetail ?? ''}`.trimEnd()
        : `The training ended without a model (${current.failure ?? 'unknown'}); it had started on the data, so it stays charged.`,
  });
}

function describePoint(
  { step, gradientNorm, loss, accuracy }: Training['points'][number],
  steps: number,
): string {
  const parts = [
    `step ${step} of ${steps}`,
    `noisy gradient ${gradientNorm.toPrecision(3)}`,
    ...(loss === undefined ? [] : [`synthetic loss ${loss.toPrecision(3)}`]),
    ...(accuracy === undefined ? [] : [`synthetic accuracy ${(100 * accuracy).toFixed(1)} %`]),
  ];
  return parts.join(', ');
}

function describePrice(price: TrainingPrice): string {
  const cost = price.free
    ? 'nothing: it has been trained before'
    : `${lossText(price)} and delta ${price.delta}`;
  const most = price.base === undefined ? '' : 'At most ';
  return [
    `It costs ${cost}; ${price.remaining} and ${price.remainingDelta} remain.`,
    ...(price.base === undefined ? [] : [`It goes on from ${price.base}, whose own cost is not in it.`]),
    `${most}${price.parameters} numbers are trained; each step gets noise of ${price.noise} clipping norms.`,
    `Accounted: epsilon ${price.accounted.toFixed(4)} by loss distributions, ${price.accountedByRenyi.toFixed(4)} by Rényi divergences.`,
  ].join('\n');
}

function describeEnd({ version, delta, ...loss }: Training): string {
  return [
    `${version?.ref ?? ''} is sealed and goes to the scan; then it needs approval like any other version.`,
    `Its files say what it cost (privacy-card.json): ${lossText(loss)}, delta ${delta}.`,
  ].join('\n');
}

function list(around: Surroundings): Command {
  return new Command('list')
    .description('trainings on a protected table')
    .argument('<dataset>', 'the protected table', nameText)
    .action(async (dataset: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { trainings } = await (await trainingsOn(invocation, dataset)).list();
      const rows = trainings.map((training) => [
        training.id,
        training.createdAt,
        training.person,
        training.state,
        training.version?.ref ?? training.failure ?? '',
        lossText(training),
        training.delta,
      ]);
      const header = ['ID', 'WHEN', 'WHO', 'STATE', 'VERSION', 'COST', 'DELTA'];
      invocation.terminal.result(trainings, formatTable(header, rows));
    });
}

function cancel(around: Surroundings): Command {
  return new Command('cancel')
    .description('stop a training; one that has started stays charged')
    .argument('<id>', 'as `train list` shows it')
    .requiredOption('--dataset <name>', 'the protected table', nameText)
    .action(async (id: string, { dataset }: { dataset: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const training = await (await trainingsOn(invocation, dataset)).cancel(id);
      const text =
        training.state === 'refunded'
          ? 'It had not started: nothing was charged.'
          : 'It stops soon. It had started on the data, so it stays charged.';
      invocation.terminal.result(training, text);
    });
}
