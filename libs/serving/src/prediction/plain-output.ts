import { nest, tensorToJson, type Signature, type Tensor } from '@castellan/tensors';

/**
 * The output of the one-call API: a bare nested array when the model has one output, else an object by name. A single row
 * that came in without its batch dimension goes out without it too.
 * @throws TensorError `tensor_not_json` for values that JSON has no exact form for (NaN, 64-bit integers past 2^53, FP16)
 */
export function writePlainOutput(
  signature: Signature,
  outputs: readonly Tensor[],
  singleRow: boolean,
): unknown {
  const values = outputs.map((tensor) => {
    const { data, shape } = tensorToJson(tensor);
    const batch = signature.outputs.find(({ name }) => name === tensor.name)?.shape[0];
    return [
      tensor.name,
      nest(data, singleRow && batch === -1 && shape[0] === 1 ? shape.slice(1) : shape),
    ] as const;
  });
  const [only, ...others] = values;
  return only !== undefined && others.length === 0 ? only[1] : Object.fromEntries(values);
}
