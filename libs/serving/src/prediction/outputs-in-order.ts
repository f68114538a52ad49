import type { Signature, Tensor } from '@castellan/tensors';
import { ServingError } from '../serving-error.js';

/**
 * The outputs in the signature's order.
 * @throws ServingError `worker_answer_malformed` when one is missing, unknown, or of another datatype
 */
export function outputsInOrder(signature: Signature, outputs: readonly Tensor[]): readonly Tensor[] {
  const ordered = signature.outputs.flatMap(({ name, datatype }) =>
    outputs.filter((tensor) => tensor.name === name && tensor.datatype === datatype).slice(0, 1),
  );
  if (ordered.length === signature.outputs.length && outputs.length === ordered.length) return ordered;
  throw new ServingError('worker_answer_malformed', {
    kind: 'internal',
    publicDetail: "The worker's outputs are not those that the model's signature promises.",
  });
}
