import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { tensorBytes, type Tensor } from '@castellan/tensors';

/**
 * The SHA-256 (lowercase hex) by which the audit log names what went in or came out of a prediction, whatever surface it
 * travelled by: for each tensor, in the signature's order, canonical JSON of {datatype, name, shape}, a line feed, and
 * its bytes as the binary tensor extension lays them out. The shape fixes how many bytes follow, so no two lists of
 * tensors of fixed width share an encoding; elements of BYTES carry their own lengths.
 *
 * It does not hide a guessable input: whoever can guess the tensor can check the guess.
 */
export function tensorsDigest(tensors: readonly Tensor[]): string {
  const hash = createHash('sha256');
  for (const tensor of tensors) {
    const { datatype, name, shape } = tensor;
    hash.update(`${canonicalize({ datatype, name, shape: [...shape] })}\n`).update(tensorBytes(tensor));
  }
  return hash.digest('hex');
}
