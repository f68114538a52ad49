import {
  elementCount,
  elementSizeBytes,
  tensorFromBytes,
  type Signature,
  type Tensor,
} from '@castellan/tensors';
import { type LoadedModel } from './engine.js';

const EMPTY_TEXT_BYTES = 4;

/**
 * Runs the model once on zeros, so that the first caller does not wait for what an engine puts off until then. Only the
 * first dimension, the batch, may vary, and counts as 1: where others vary too there is no input that is sure to be
 * valid, and nothing is run.
 * @returns whether the model ran
 * @throws EngineError `engine_failed`: a model that can't answer zeros of its own signature is not ready
 */
export async function warmUp(model: LoadedModel): Promise<boolean> {
  const inputs = zeros(model.signature);
  if (inputs === undefined) return false;
  await model.run(inputs);
  return true;
}

function zeros(signature: Signature): readonly Tensor[] | undefined {
  const specs = signature.inputs.map((spec) => ({ ...spec, shape: batchOfOne(spec.shape) }));
  if (specs.some(({ shape }) => shape.includes(-1))) return undefined;
  return specs.map(({ name, datatype, shape }) => {
    const sizeBytes = elementCount(shape) * (elementSizeBytes(datatype) ?? EMPTY_TEXT_BYTES);
    return tensorFromBytes(name, datatype, shape, new Uint8Array(sizeBytes));
  });
}

function batchOfOne(shape: readonly number[]): readonly number[] {
  return shape.map((dimension, index) => (index === 0 && dimension === -1 ? 1 : dimension));
}
