import { asSource, type ByteSource } from './byte-source.js';
import { integer, isMessage, messages, text } from './protobuf.js';

/** A tensor whose data lies in another file. Offset and length in bytes; a length of undefined runs to that file's end. */
export interface ExternalData {
  readonly tensor: string;
  readonly location: string;
  readonly offset: bigint;
  readonly length: bigint | undefined;
}

/** What a scan needs to know of an ONNX model. Source: `onnx/onnx.proto` (ONNX 1.23). */
export interface OnnxContents {
  readonly externalData: readonly ExternalData[];
  /** `domain::operator` for every node, each once. */
  readonly operators: ReadonlySet<string>;
  /** Domains whose operators the model defines itself, out of others. */
  readonly functionDomains: ReadonlySet<string>;
}

/** Field numbers, named as in onnx.proto. */
const MODEL = { irVersion: 1, graph: 7, opsetImport: 8, trainingInfo: 20, functions: 25, last: 26 };
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 };
const NODE = { opType: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 };
const TENSOR = { name: 8, externalData: 13, dataLocation: 14 };
const SPARSE_TENSOR = { values: 1, indices: 2 };
const ENTRY = { key: 1, value: 2 };
const FUNCTION = { node: 7, domain: 10, attribute: 11 };
const TRAINING = { initialization: 1, algorithm: 2 };
const DATA_LOCATION_EXTERNAL = 1n;
const NEWEST_PLAUSIBLE_IR_VERSION = 64n;

/** Whether the outermost message can be a ModelProto: a small `ir_version`, a graph, and no field of another kind. */
export function looksLikeOnnx(bytes: ByteSource): boolean {
  let version = false;
  let graph = false;
  const plausible = isMessage(bytes, (field) => {
    if (field.number === MODEL.irVersion) {
      version = field.wire === 'varint' && field.value >= 1n && field.value <= NEWEST_PLAUSIBLE_IR_VERSION;
      return version;
    }
    if (field.number === MODEL.graph) graph = field.wire === 'bytes';
    return field.number <= MODEL.last;
  });
  return plausible && version && graph;
}

/**
 * Walks every graph, subgraph, function and training graph, and passes over the tensors' data.
 * @throws EngineError `model_unreadable`
 */
export function readOnnx(bytes: Uint8Array | ByteSource): OnnxContents {
  const model = asSource(bytes);
  const found = { externalData: [] as ExternalData[], operators: new Set<string>() };
  const functionDomains = new Set<string>();
  for (const graph of messages(model, MODEL.graph)) walkGraph(graph, found);
  for (const training of messages(model, MODEL.trainingInfo)) {
    for (const graph of messages(training, TRAINING.initialization)) walkGraph(graph, found);
    for (const graph of messages(training, TRAINING.algorithm)) walkGraph(graph, found);
  }
  for (const definition of messages(model, MODEL.functions)) {
    functionDomains.add(text(definition, FUNCTION.domain));
    for (const node of messages(definition, FUNCTION.node)) walkNode(node, found);
    for (const attribute of messages(definition, FUNCTION.attribute)) walkAttribute(attribute, found);
  }
  return { ...found, functionDomains };
}

interface Found {
  readonly externalData: ExternalData[];
  readonly operators: Set<string>;
}

function walkGraph(graph: ByteSource, found: Found): void {
  for (const node of messages(graph, GRAPH.node)) walkNode(node, found);
  for (const tensor of messages(graph, GRAPH.initializer)) walkTensor(tensor, found);
  for (const sparse of messages(graph, GRAPH.sparseInitializer)) walkSparseTensor(sparse, found);
}

function walkNode(node: ByteSource, found: Found): void {
  found.operators.add(`${text(node, NODE.domain)}::${text(node, NODE.opType)}`);
  for (const attribute of messages(node, NODE.attribute)) walkAttribute(attribute, found);
}

function walkAttribute(attribute: ByteSource, found: Found): void {
  for (const number of [ATTRIBUTE.tensor, ATTRIBUTE.tensors]) {
    for (const tensor of messages(attribute, number)) walkTensor(tensor, found);
  }
  for (const number of [ATTRIBUTE.sparseTensor, ATTRIBUTE.sparseTensors]) {
    for (const sparse of messages(attribute, number)) walkSparseTensor(sparse, found);
  }
  for (const number of [ATTRIBUTE.graph, ATTRIBUTE.graphs]) {
    for (const graph of messages(attribute, number)) walkGraph(graph, found);
  }
}

function walkSparseTensor(sparse: ByteSource, found: Found): void {
  for (const number of [SPARSE_TENSOR.values, SPARSE_TENSOR.indices]) {
    for (const tensor of messages(sparse, number)) walkTensor(tensor, found);
  }
}

/** Entries count even where `data_location` does not say external: runtimes have differed in which they look at. */
function walkTensor(tensor: ByteSource, found: Found): void {
  const entries = new Map<string, string>();
  for (const entry of messages(tensor, TENSOR.externalData)) {
    entries.set(text(entry, ENTRY.key), text(entry, ENTRY.value));
  }
  const location = entries.get('location');
  const external = integer(tensor, TENSOR.dataLocation) === DATA_LOCATION_EXTERNAL;
  if (location === undefined && !external) return;
  found.externalData.push({
    tensor: text(tensor, TENSOR.name),
    location: location ?? '',
    offset: wholeNumber(entries.get('offset')) ?? 0n,
    length: wholeNumber(entries.get('length')),
  });
}

function wholeNumber(value: string | undefined): bigint | undefined {
  return value !== undefined && /^\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}
