import { type InferenceSession } from 'onnxruntime-node';
import {
  detectFormat,
  EngineError,
  externalDataPath,
  leavesFolder,
  readOnnx,
  wipe,
  type Engine,
  type LoadedModel,
  type ModelFiles,
} from '@castellan/engine';
import { OnnxModel } from './onnx-model.js';
import { onnxSignature } from './onnx-signature.js';

/** Loads one ONNX model, with its external data when there is any, into ONNX Runtime on the CPU. */
export const onnxEngine: Engine = {
  name: 'onnx',
  accepts: (files) => findModel(files) !== undefined,
  load: loadOnnx,
};

type SessionOptions = InferenceSession.SessionOptions;
type SuppliedData = NonNullable<SessionOptions['externalData']>;

async function loadOnnx(files: ModelFiles): Promise<LoadedModel> {
  try {
    const path = findModel(files);
    const model = path === undefined ? undefined : files.get(path);
    if (path === undefined || model === undefined) {
      throw new EngineError(
        'model_format_unsupported',
        'There is not exactly one ONNX model among the files.',
      );
    }
    const session = await createSession(model, suppliedData(path, model, files));
    return new OnnxModel(session, onnxSignature(session));
  } finally {
    // The session has its own copy: it answers the same with these bytes gone.
    wipe(files);
  }
}

function findModel(files: ModelFiles): string | undefined {
  const models = Array.from(files).filter(([, bytes]) => detectFormat(bytes) === 'onnx');
  return models.length === 1 ? models[0]?.[0] : undefined;
}

/** Every file that the model's tensors refer to, so that the runtime never looks at a path. */
function suppliedData(modelPath: string, model: Uint8Array, files: ModelFiles): SuppliedData {
  const locations = new Set(readOnnx(model).externalData.map((data) => data.location));
  return Array.from(locations, (location) => {
    const data = leavesFolder(location) ? undefined : files.get(externalDataPath(modelPath, location));
    if (data !== undefined) return { path: location, data };
    throw new EngineError(
      'model_unreadable',
      `The model refers to "${location}", which is not in the version.`,
    );
  });
}

async function createSession(model: Uint8Array, externalData: SuppliedData): Promise<InferenceSession> {
  const { InferenceSession } = await import('onnxruntime-node');
  const options: SessionOptions = {
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
    ...(externalData.length === 0 ? {} : { externalData }),
  };
  try {
    return await InferenceSession.create(model, options);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('model_unreadable', `ONNX Runtime refuses the model: ${detail}`, cause);
  }
}
