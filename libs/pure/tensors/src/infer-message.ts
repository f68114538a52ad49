import { isDatatype } from './datatype.js';
import { tensorBytes, tensorFromBytes } from './tensor-bytes.js';
import { TensorError } from './tensor-error.js';
import { tensorFromJson, tensorToJson, unknownDatatype } from './tensor-json.js';
import { type Tensor } from './tensor.js';

/** The HTTP header that tells how many bytes of the body are JSON, in the binary tensor extension. */
export const INFER_HEADER_LENGTH = 'inference-header-content-length';

export type InferParameters = Readonly<Record<string, unknown>>;

export interface RequestedOutput {
  readonly name: string;
  readonly parameters?: InferParameters;
}

export interface InferRequest {
  readonly id?: string;
  readonly parameters?: InferParameters;
  readonly inputs: readonly Tensor[];
  /** Absent: the caller wants every output. */
  readonly outputs?: readonly RequestedOutput[];
}

export interface InferResponse {
  readonly modelName: string;
  readonly modelVersion?: string;
  readonly id?: string;
  readonly parameters?: InferParameters;
  readonly outputs: readonly Tensor[];
}

/** An HTTP body; `headerLength` is absent when the body is JSON to its end. */
export interface InferBody {
  readonly body: Uint8Array;
  readonly headerLength?: number;
}

/**
 * Reads an Open Inference Protocol v2 infer request, JSON or with binary tensors.
 * @throws TensorError; `tensor_message_malformed` when the JSON around the tensors is not the protocol's
 */
export function decodeInferRequest({ body, headerLength }: InferBody): InferRequest {
  const { json, blobs } = split(body, headerLength);
  const id = optionalText(json, 'id');
  const parameters = parametersOf(json, 'the request');
  const outputs = json['outputs'];
  return {
    ...(id === undefined ? {} : { id }),
    ...(parameters === undefined ? {} : { parameters }),
    inputs: readTensors(json['inputs'], 'inputs', blobs),
    ...(outputs === undefined ? {} : { outputs: list(outputs, 'outputs').map(requestedOutput) }),
  };
}

/** Writes an infer request; `binary` says which inputs leave the JSON. Their order is kept. */
export function encodeInferRequest(
  request: InferRequest,
  binary: (inputName: string) => boolean = () => true,
): InferBody {
  const { id, parameters, inputs, outputs } = request;
  return join({ id, parameters, outputs }, 'inputs', inputs, binary);
}

/** The inverse of {@link encodeInferResponse}. @throws TensorError */
export function decodeInferResponse({ body, headerLength }: InferBody): InferResponse {
  const { json, blobs } = split(body, headerLength);
  const id = optionalText(json, 'id');
  const modelVersion = optionalText(json, 'model_version');
  const parameters = parametersOf(json, 'the response');
  return {
    modelName: optionalText(json, 'model_name') ?? '',
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(id === undefined ? {} : { id }),
    ...(parameters === undefined ? {} : { parameters }),
    outputs: readTensors(json['outputs'], 'outputs', blobs),
  };
}

/** Writes an infer response; `binary` says which outputs leave the JSON. */
export function encodeInferResponse(
  response: InferResponse,
  binary: (outputName: string) => boolean = () => true,
): InferBody {
  const { modelName, modelVersion, id, parameters, outputs } = response;
  const envelope = { model_name: modelName, model_version: modelVersion, id, parameters };
  return join(envelope, 'outputs', outputs, binary);
}

/** Which outputs a request wants in binary: the output's own `binary_data`, else the request's `binary_data_output`. */
export function wantsBinary(request: InferRequest): (outputName: string) => boolean {
  const byDefault = request.parameters?.['binary_data_output'] === true;
  const own = new Map(
    request.outputs?.map((output) => [output.name, output.parameters?.['binary_data']] as const),
  );
  return (outputName) => {
    const wish = own.get(outputName);
    return typeof wish === 'boolean' ? wish : byDefault;
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

function split(body: Uint8Array, headerLength = body.length): { json: JsonObject; blobs: Blobs } {
  if (!Number.isSafeInteger(headerLength) || headerLength < 0 || headerLength > body.length) {
    throw malformed(`the JSON is said to have ${headerLength} bytes of a body of ${body.length}`);
  }
  return { json: parseObject(body.subarray(0, headerLength)), blobs: new Blobs(body.subarray(headerLength)) };
}

function parseObject(bytes: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw malformed(`the JSON can't be read (${cause instanceof Error ? cause.message : 'unreadable'})`);
  }
  return object(value, 'the body');
}

/** The bytes after the JSON, taken in the order in which the tensors stand there. */
class Blobs {
  readonly #bytes: Uint8Array;
  #taken = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(name: string, sizeBytes: unknown): Uint8Array {
    if (typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
      throw malformed(`tensor "${name}" has a binary_data_size that is not a size`);
    }
    const left = this.#bytes.length - this.#taken;
    if (sizeBytes > left) {
      throw new TensorError(
        'tensor_binary_truncated',
        `Tensor "${name}": ${sizeBytes} bytes are announced, ${left} are left in the body.`,
        { tensor: name, expectedBytes: sizeBytes, givenBytes: left },
      );
    }
    this.#taken += sizeBytes;
    return this.#bytes.subarray(this.#taken - sizeBytes, this.#taken);
  }

  end(): void {
    const left = this.#bytes.length - this.#taken;
    if (left > 0) throw malformed(`${left} bytes after the last tensor belong to none`);
  }
}

function readTensors(value: unknown, field: string, blobs: Blobs): Tensor[] {
  const tensors = list(value, field).map((entry, index) =>
    readTensor(object(entry, `${field}[${index}]`), blobs),
  );
  blobs.end();
  return tensors;
}

function readTensor(json: JsonObject, blobs: Blobs): Tensor {
  const name = requiredText(json, 'name', 'a tensor');
  const datatype = requiredText(json, 'datatype', `tensor "${name}"`);
  const shape = list(json['shape'], `the shape of "${name}"`).map((dimension) => {
    if (typeof dimension === 'number') return dimension;
    throw malformed(`the shape of "${name}" holds something that is not a number`);
  });
  const sizeBytes = parametersOf(json, `tensor "${name}"`)?.['binary_data_size'];
  if (sizeBytes === undefined) return tensorFromJson({ name, datatype, shape, data: json['data'] });
  if (!isDatatype(datatype)) throw unknownDatatype(name, datatype);
  return tensorFromBytes(name, datatype, shape, blobs.take(name, sizeBytes));
}

function join(
  envelope: JsonObject,
  field: 'inputs' | 'outputs',
  tensors: readonly Tensor[],
  binary: (name: string) => boolean,
): InferBody {
  const blobs: Uint8Array[] = [];
  const entries = tensors.map((tensor) => {
    if (!binary(tensor.name)) return tensorToJson(tensor);
    const blob = tensorBytes(tensor);
    blobs.push(blob);
    const { name, datatype, shape } = tensor;
    return { name, datatype, shape, parameters: { binary_data_size: blob.length } };
  });
  const json = new TextEncoder().encode(JSON.stringify({ ...envelope, [field]: entries }));
  if (blobs.length === 0) return { body: json };
  return { body: concatenate([json, ...blobs]), headerLength: json.length };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function requestedOutput(value: unknown): RequestedOutput {
  const json = object(value, 'a requested output');
  const parameters = parametersOf(json, 'a requested output');
  const name = requiredText(json, 'name', 'a requested output');
  return { name, ...(parameters === undefined ? {} : { parameters }) };
}

function parametersOf(json: JsonObject, owner: string): InferParameters | undefined {
  const parameters = json['parameters'];
  return parameters === undefined ? undefined : object(parameters, `the parameters of ${owner}`);
}

function optionalText(json: JsonObject, field: string): string | undefined {
  const value = json[field];
  if (value === undefined || typeof value === 'string') return value;
  throw malformed(`"${field}" is not a string`);
}

function requiredText(json: JsonObject, field: string, owner: string): string {
  const value = optionalText(json, field);
  if (value === undefined || value === '') throw malformed(`${owner} has no "${field}"`);
  return value;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed(`${what} is not a list`);
}

function object(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw malformed(`${what} is not an object`);
}

function malformed(detail: string): TensorError {
  return new TensorError('tensor_message_malformed', `The infer message is malformed: ${detail}.`);
}
