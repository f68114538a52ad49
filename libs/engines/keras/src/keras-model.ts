import * as tf from '@tensorflow/tfjs';
import { EngineError, type LoadedModel } from '@castellan/engine';
import { type Signature, type Tensor } from '@castellan/tensors';
import { fallBackToPlainJavaScript, lacksOperator, selectBackend } from './backend.js';
import { buildGraph, type Graph } from './graph.js';
import { type KerasFile } from './keras-file.js';
import { inputDatatype, outputDatatype, fromTfTensor, toTfTensor } from './tf-tensor.js';
import { writeWeights } from './weights.js';

/**
 * Builds a Keras model on the fastest backend there is.
 * @throws EngineError `model_feature_unsupported`, `model_unreadable`
 */
export async function buildKerasModel(file: KerasFile): Promise<LoadedModel> {
  await selectBackend();
  const graph = buildGraph(file.config, file.generation);
  writeWeights(graph.layers, file.weights);
  return new KerasModel(graph);
}

/** A TensorFlow.js layers model that computes what Keras would at inference. */
class KerasModel implements LoadedModel {
  readonly platform = 'tensorflowjs_keras';
  readonly signature: Signature;
  readonly #graph: Graph;
  #disposed = false;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.signature = {
      inputs: graph.inputs.map(({ name, dtype, symbol }) => ({
        name,
        datatype: inputDatatype(name, dtype),
        shape: dimensions(symbol),
      })),
      outputs: graph.model.outputs.map((symbol, index) => ({
        name: graph.outputNames[index] ?? symbol.name,
        datatype: outputDatatype(symbol.dtype),
        shape: dimensions(symbol),
      })),
    };
  }

  async run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    try {
      return await this.#compute(inputs);
    } catch (error) {
      if (!lacksOperator(error)) throw failed(error);
    }
    await fallBackToPlainJavaScript();
    return this.#compute(inputs).catch((error: unknown) => Promise.reject(failed(error)));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#graph.model.dispose();
  }

  async #compute(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    const results = tf.tidy(() => {
      const given = inputs.map(toTfTensor);
      const answer = this.#graph.model.predictOnBatch(
        given.length === 1 && given[0] !== undefined ? given[0] : given,
      );
      return Array.isArray(answer) ? answer : [answer];
    });
    try {
      return await Promise.all(
        this.signature.outputs.map(({ name }, index) => fromTfTensor(name, results[index])),
      );
    } finally {
      tf.dispose(results);
    }
  }
}

function dimensions(symbol: tf.SymbolicTensor): number[] {
  return symbol.shape.map((size) => size ?? -1);
}

function failed(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new EngineError('engine_failed', `TensorFlow.js could not compute this request: ${detail}`, error);
}
