import { ModelSignature, type TensorMetadata } from '@castellan/contracts';
import { isDatatype, type Signature, type TensorSpec } from '@castellan/tensors';

/** A model's signature as it crosses a border, or undefined when it is not one, or names a datatype that nobody knows. */
export function parseSignature(value: unknown): Signature | undefined {
  const parsed = ModelSignature.safeParse(value);
  if (!parsed.success) return undefined;
  const inputs = parsed.data.inputs.flatMap(known);
  const outputs = parsed.data.outputs.flatMap(known);
  const whole = inputs.length === parsed.data.inputs.length && outputs.length === parsed.data.outputs.length;
  return whole ? { inputs, outputs } : undefined;
}

function known({ name, datatype, shape }: TensorMetadata): TensorSpec[] {
  return isDatatype(datatype) ? [{ name, datatype, shape }] : [];
}
