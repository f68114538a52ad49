import { type Engine, type EngineModule, ModelHost, type ModelFiles, warmUp, wipe } from '@castellan/engine';
import { kerasEngine, kerasEngineModule } from '@castellan/keras';
import { onnxEngine, onnxEngineModule } from '@castellan/onnx';
import { WorkerError } from './worker-error.js';

const engines = [
  { engine: onnxEngine, module: onnxEngineModule },
  { engine: kerasEngine, module: kerasEngineModule },
] as const satisfies readonly { engine: Engine; module: EngineModule }[];

/**
 * Loads the files into a thread of their own and answers once the model has run on zeros. Takes ownership of the plaintext:
 * it is wiped here or by the engine, whatever happens.
 * @throws WorkerError `engine_missing`; EngineError
 */
export async function loadModel(files: ModelFiles): Promise<ModelHost> {
  const module = engineFor(files);
  const model = await ModelHost.load(module, files);
  try {
    await warmUp(model);
    return model;
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

function engineFor(files: ModelFiles): EngineModule {
  const [only, ...others] = engines.filter(({ engine }) => engine.accepts(files));
  if (only !== undefined && others.length === 0) return only.module;
  wipe(files);
  throw new WorkerError('engine_missing', {
    kind: 'invalid',
    publicDetail:
      'This worker runs one Keras model (.h5, .keras) or one ONNX model; these files are not that.',
  });
}
