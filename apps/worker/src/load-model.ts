import { type Engine, type LoadedModel, ModelHost, type ModelFiles, warmUp, wipe } from '@castellan/engine';
import { kerasEngine, kerasEngineModule } from '@castellan/keras';
import { onnxEngine, onnxEngineModule } from '@castellan/onnx';
import { WorkerError } from './worker-error.js';

const engines = [
  { engine: onnxEngine, module: onnxEngineModule },
  { engine: kerasEngine, module: kerasEngineModule },
] as const satisfies readonly { engine: Engine; module: unknown }[];

/**
 * Loads the files into a thread of their own and answers once the model has run on zeros. Takes ownership of the plaintext:
 * it is wiped here or by the engine, whatever happens.
 * @throws WorkerError `engine_missing`; EngineError
 */
export async function loadModel(files: ModelFiles): Promise<LoadedModel> {
  const chosen = engines.find(({ engine }) => engine.accepts(files));
  if (chosen === undefined) {
    wipe(files);
    throw new WorkerError('engine_missing', {
      kind: 'invalid',
      publicDetail:
        'No engine of this worker reads these files; it runs one Keras (.h5, .keras) or one ONNX model.',
    });
  }
  const model = await ModelHost.load(chosen.module, files);
  try {
    await warmUp(model);
    return model;
  } catch (error) {
    await model.dispose();
    throw error;
  }
}
