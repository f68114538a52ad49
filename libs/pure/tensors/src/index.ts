export {
  DATATYPES,
  ARRAY_OF,
  elementSizeBytes,
  isDatatype,
  type Datatype,
  type FixedWidthDatatype,
  type TensorData,
} from './datatype.js';
export { TensorError, type TensorErrorCode } from './tensor-error.js';
export { tensor, bytesAsText, elementCount, formatShape, type Tensor, type TensorOf } from './tensor.js';
export { tensorFromJson, tensorToJson, nest, type TensorJson, type FlatTensorJson } from './tensor-json.js';
export { tensorBytes, tensorFromBytes } from './tensor-bytes.js';
export {
  INFER_HEADER_LENGTH,
  decodeInferRequest,
  decodeInferResponse,
  encodeInferRequest,
  encodeInferResponse,
  wantsBinary,
  type InferBody,
  type InferParameters,
  type InferRequest,
  type InferResponse,
  type RequestedOutput,
} from './infer-message.js';
export { validateInputs, shapeFits, type Signature, type TensorSpec } from './signature.js';
export { tensorFromRawRequest } from './raw-request.js';
