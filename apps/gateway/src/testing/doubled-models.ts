import { createHash } from 'node:crypto';
import type { DoubledModel } from '@castellan/serving';
import { tensor, type Signature } from '@castellan/tensors';

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const rows: Signature = {
  inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'sums', datatype: 'FP32', shape: [-1, 2] }],
};

/** Gives each row's sum and its double. `until` holds the answers back. */
export function summing(name: string, until: Promise<void> = Promise.resolve()): DoubledModel {
  return {
    versionDigest: digestOf(name),
    signature: rows,
    run: async ([pixels]) => {
      await until;
      if (pixels?.datatype !== 'FP32') throw new Error('expected FP32');
      const count = pixels.shape[0] ?? 0;
      const sums = new Float32Array(count * 2);
      for (let row = 0; row < count; row++) {
        const sum = pixels.data.subarray(row * 4, row * 4 + 4).reduce((total, value) => total + value, 0);
        sums.set([sum, 2 * sum], row * 2);
      }
      return [tensor('sums', 'FP32', [count, 2], sums)];
    },
  };
}

/** Two inputs and two outputs of several datatypes, given back as they came. */
export function echoing(name: string): DoubledModel {
  return {
    versionDigest: digestOf(name),
    signature: {
      inputs: [
        { name: 'words', datatype: 'BYTES', shape: [-1] },
        { name: 'counts', datatype: 'INT64', shape: [-1, 2] },
      ],
      outputs: [
        { name: 'words', datatype: 'BYTES', shape: [-1] },
        { name: 'counts', datatype: 'INT64', shape: [-1, 2] },
      ],
    },
    run: (inputs) => inputs,
  };
}
