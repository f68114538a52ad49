import { type InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node';
import { EngineError, type LoadedModel } from '@castellan/engine';
import { type Signature, type Tensor } from '@castellan/tensors';
import { fromOrtTensor, toOrtTensor } from './ort-tensor.js';

/** A session of ONNX Runtime. `run` blocks its thread; {@link ModelHost} gives it one. */
export class OnnxModel implements LoadedModel {
  readonly platform = 'onnxruntime_onnx';
  readonly signature: Signature;
  readonly #session: InferenceSession;
  #released: Promise<void> | undefined;

  constructor(session: InferenceSession, signature: Signature) {
    this.#session = session;
    this.signature = signature;
  }

  async run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    const feeds: Record<string, OrtTensor> = {};
    for (const input of inputs) feeds[input.name] = await toOrtTensor(input);
    const results = await this.#compute(feeds);
    return this.signature.outputs.map(({ name }) => {
      const result = results[name];
      if (result === undefined) throw new EngineError('engine_failed', `The model gave no output "${name}".`);
      return fromOrtTensor(name, result);
    });
  }

  dispose(): Promise<void> {
    this.#released ??= this.#session.release();
    return this.#released;
  }

  async #compute(feeds: Record<string, OrtTensor>): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run(feeds);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new EngineError('engine_failed', `ONNX Runtime could not compute this request: ${detail}`, cause);
    }
  }
}
