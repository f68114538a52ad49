/** An object inside a Keras configuration that would need code from outside Keras. */
export interface KerasCode {
  readonly kind: 'lambda' | 'foreign-object';
  /** `class_name`, with its module or registered name where that is what is foreign. */
  readonly what: string;
  /** The layer's own name, when it has one. */
  readonly layer: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Modules whose objects are part of Keras itself. Everything else names Python that a loader would import. */
const KERAS_MODULE = /^(keras|tf_keras|tensorflow\.keras|builtins)(\.|$)/;

/**
 * Finds Lambda layers, marshalled functions and objects of other modules, at any depth.
 * Sources: Keras `saving/serialization_lib.py` (`module`, `class_name`, `registered_name`) and CVE-2025-1550, in which
 * a module outside Keras in this very place ran code in spite of safe mode.
 */
export function* kerasCode(config: unknown): Generator<KerasCode> {
  if (Array.isArray(config)) {
    for (const element of config) yield* kerasCode(element);
  } else if (isObject(config)) {
    const code = codeOf(config);
    if (code !== undefined) yield code;
    for (const value of Object.values(config)) yield* kerasCode(value);
  }
}

function codeOf(config: Json): KerasCode | undefined {
  const className = config['class_name'];
  if (typeof className !== 'string') return undefined;
  const layer = layerName(config);
  if (className === 'Lambda' || className === '__lambda__') return { kind: 'lambda', what: className, layer };
  const module = config['module'];
  if (typeof module === 'string' && !KERAS_MODULE.test(module)) {
    return { kind: 'foreign-object', what: `${module}.${className}`, layer };
  }
  const registered = config['registered_name'];
  if (typeof registered === 'string' && registered.includes('>')) {
    return { kind: 'foreign-object', what: registered, layer };
  }
  return undefined;
}

function layerName(config: Json): string | undefined {
  const inner = config['config'];
  const name = isObject(inner) ? inner['name'] : config['name'];
  return typeof name === 'string' ? name : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
