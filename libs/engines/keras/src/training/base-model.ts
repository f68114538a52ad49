import * as tf from '@tensorflow/tfjs';
import { fallBackToPlainJavaScript, lacksOperator, selectBackend } from '../backend.js';
import { buildGraph, type Graph } from '../graph.js';
import { readKerasFile, type KerasFile, type StoredWeight } from '../keras-file.js';
import { writeWeights } from '../weights.js';
import { writeKerasHdf5 } from '../write-keras-hdf5.js';
import { fitBase, type BaseExpectation, type BaseFit, type TrainedLayer } from './fit-base.js';
import { foldScaling, unfoldScaling, type Scaling } from './head-file.js';
import type { DenseWeights } from './head.js';

/**
 * A model that is trained on: its last dense layers are, and what stands before them stays as it is. Rows pass the frozen
 * part a unit at a time, so that what a layer makes of one unit's rows can't depend on anybody else's, whatever the layer is.
 */
export class BaseModel {
  readonly fit: BaseFit;
  private readonly layers: readonly TrainedLayer[];
  private readonly frozen: tf.LayersModel | undefined;

  private constructor(
    private readonly file: KerasFile,
    private readonly graph: Graph,
    expected: BaseExpectation,
  ) {
    const { fit, layers, cut, direct } = fitBase(file, graph, expected);
    this.fit = fit;
    this.layers = layers;
    this.frozen = direct ? undefined : tf.model({ inputs: graph.model.inputs, outputs: cut });
  }

  /**
   * Bytes: one Keras file, HDF5 or zip; they stay the caller's.
   * @throws EngineError `base_incompatible`, naming what differs; what reading and building a model throw
   */
  static async open(bytes: Uint8Array, expected: BaseExpectation): Promise<BaseModel> {
    await selectBackend();
    const file = await readKerasFile(bytes);
    const graph = buildGraph(file.config, file.generation);
    writeWeights(graph.layers, file.weights);
    return new BaseModel(file, graph, expected);
  }

  /** What of a table's scaling belongs to the trained layers: the frozen ones take numbers as the table has them. */
  scaling({ inputs, output }: Scaling): Scaling {
    return { inputs: this.frozen === undefined ? inputs : [], ...(output && { output }) };
  }

  /** The numbers to begin with, for scaled rows. */
  start(scaling: Scaling): DenseWeights[] {
    const { inputs, hidden, outputs } = this.fit.shape;
    const widths = [inputs, ...hidden, outputs];
    const stored = this.layers.map(({ kernel, bias }, i) => {
      return { inputs: widths[i] ?? 0, outputs: widths[i + 1] ?? 0, kernel: kernel.data, bias: bias.data };
    });
    return unfoldScaling(stored, this.scaling(scaling));
  }

  /** What the trained layers are given for scaled rows: `ends` says where each unit's rows end. */
  async embed(rows: Float32Array, scaling: Scaling, ends: Iterable<number>): Promise<Float32Array> {
    if (this.frozen === undefined) return rows;
    const width = scaling.inputs.length;
    const plain = rows.map((value, i) => {
      const { offset, factor } = scaling.inputs[i % width] ?? { offset: 0, factor: 1 };
      return value / factor + offset;
    });
    const { inputs } = this.fit.shape;
    const embedded = new Float32Array((rows.length / width) * inputs);
    let start = 0;
    for (const end of ends) {
      embedded.set(
        await this.#through(plain.subarray(start * width, end * width), end - start),
        start * inputs,
      );
      start = end;
    }
    return embedded;
  }

  /** The model with these numbers in its trained layers, as Keras HDF5; everything else is as it was. */
  write(trained: readonly DenseWeights[], scaling: Scaling): Promise<Uint8Array> {
    const plain = foldScaling(trained, this.scaling(scaling));
    const changed = new Map(
      this.layers.map(({ name, kernel, bias }, i) => [
        name,
        [
          { ...kernel, data: plain[i]?.kernel ?? kernel.data },
          { ...bias, data: plain[i]?.bias ?? bias.data },
        ],
      ]),
    );
    const layers = Array.from(this.file.weights, ([name, stored]) => ({
      name,
      weights: changed.get(name) ?? (stored as readonly StoredWeight[]),
    }));
    const kerasVersion = this.file.generation === 3 ? '3.0.0' : '2.15.0';
    return writeKerasHdf5({ config: this.file.config as object, kerasVersion, layers });
  }

  dispose(): void {
    this.graph.model.dispose();
  }

  async #through(rows: Float32Array, count: number): Promise<Float32Array> {
    const compute = () =>
      tf.tidy(() => {
        const [, ...shape] = this.graph.model.inputs[0]?.shape ?? [];
        const given = tf.tensor(rows, [count, ...shape.map(Number)], 'float32');
        return (this.frozen?.predictOnBatch(given) as tf.Tensor).dataSync() as Float32Array;
      });
    try {
      return compute();
    } catch (error) {
      if (!lacksOperator(error)) throw error;
      await fallBackToPlainJavaScript();
      return compute();
    }
  }
}
