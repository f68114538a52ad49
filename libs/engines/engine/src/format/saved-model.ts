import { type ByteSource } from './byte-source.js';
import { isMessage, messages, text } from './protobuf.js';

/** Field numbers of TensorFlow's saved_model.proto, meta_graph.proto, graph.proto and function.proto. */
const SAVED_MODEL = { schemaVersion: 1, metaGraphs: 2 };
const META_GRAPH = { info: 1, graph: 2 };
const GRAPH = { node: 1, library: 2 };
const LIBRARY = { function: 1 };
const FUNCTION = { node: 3 };
const NODE = { op: 2 };
const META_INFO = { tensorflowVersion: 5 };

/** Whether the bytes can be a SavedModel: schema version 1 and meta graphs that name the TensorFlow that made them. */
export function looksLikeSavedModel(bytes: ByteSource): boolean {
  let graphs = 0;
  const plausible = isMessage(bytes, (field) => {
    if (field.number === SAVED_MODEL.schemaVersion) return field.wire === 'varint' && field.value === 1n;
    if (field.number !== SAVED_MODEL.metaGraphs || field.wire !== 'bytes') return false;
    graphs += 1;
    return isMessage(field.value, ({ number, wire, value }) =>
      number === META_GRAPH.info && wire === 'bytes'
        ? /^\d+\./.test(text(value, META_INFO.tensorflowVersion))
        : number <= 7,
    );
  });
  return plausible && graphs > 0;
}

/** The names of all operators in all graphs and functions. @throws EngineError `model_unreadable` */
export function savedModelOperators(bytes: ByteSource): ReadonlySet<string> {
  const operators = new Set<string>();
  for (const metaGraph of messages(bytes, SAVED_MODEL.metaGraphs)) {
    for (const graph of messages(metaGraph, META_GRAPH.graph)) {
      for (const node of messages(graph, GRAPH.node)) operators.add(text(node, NODE.op));
      for (const library of messages(graph, GRAPH.library)) {
        for (const definition of messages(library, LIBRARY.function)) {
          for (const node of messages(definition, FUNCTION.node)) operators.add(text(node, NODE.op));
        }
      }
    }
  }
  return operators;
}
