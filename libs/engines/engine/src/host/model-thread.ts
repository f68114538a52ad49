import { parentPort, workerData } from 'node:worker_threads';
import { type Engine, type LoadedModel } from '../engine.js';
import { EngineError } from '../engine-error.js';
import { type FromThread, type HostedFailure, type HostStart, type ToThread } from './host-message.js';

/** The entry of a model's thread: loads the one model it was started with, then answers until told to stop. */

const port = parentPort;
if (port === null) throw new Error('model-thread is started by ModelHost only');

const answer = (message: FromThread): void => port.postMessage(message);

async function load({ engine, files }: HostStart): Promise<LoadedModel> {
  const module = (await import(engine.url)) as Readonly<Record<string, Engine>>;
  const found = module[engine.exportName];
  if (found === undefined) throw new Error(`${engine.url} exports no ${engine.exportName}`);
  return found.load(new Map(files));
}

function failure(error: unknown): HostedFailure {
  if (error instanceof EngineError) return { code: error.code, detail: error.publicDetail };
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'engine_failed', detail: `The engine failed: ${detail}` };
}

async function run(model: LoadedModel, id: number, inputs: Parameters<LoadedModel['run']>[0]): Promise<void> {
  try {
    answer({ kind: 'ran', id, outputs: await model.run(inputs) });
  } catch (error) {
    answer({ kind: 'failed', id, failure: failure(error) });
  }
}

try {
  const model = await load(workerData as HostStart);
  port.on('message', (message: ToThread) => {
    if (message.kind === 'run') void run(model, message.id, message.inputs);
    else void model.dispose().then(() => port.close());
  });
  answer({ kind: 'loaded', signature: model.signature, platform: model.platform });
} catch (error) {
  answer({ kind: 'refused', failure: failure(error) });
  port.close();
}
