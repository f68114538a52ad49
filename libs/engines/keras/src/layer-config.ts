import { EngineError } from '@castellan/engine';

export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * One layer's entry in a Keras configuration, read key by key. What a key holds is checked where it is read, so that a
 * message can name the layer; a key that nobody reads has no effect.
 */
export class LayerConfig {
  readonly className: string;
  readonly name: string;
  readonly trainable: boolean;
  readonly inboundNodes: readonly unknown[];
  readonly json: Json;

  /** @throws EngineError `model_unreadable` for what is not a layer's entry */
  constructor(entry: unknown) {
    const className = isJson(entry) ? entry['class_name'] : undefined;
    const config = isJson(entry) ? entry['config'] : undefined;
    if (!isJson(entry) || typeof className !== 'string' || !isJson(config)) {
      throw new EngineError(
        'model_unreadable',
        'The model configuration has a layer without a class or settings.',
      );
    }
    const name = entry['name'] ?? config['name'];
    if (typeof name !== 'string' || name === '') {
      throw new EngineError('model_unreadable', `The model configuration has a ${className} without a name.`);
    }
    this.className = className;
    this.name = name;
    this.json = config;
    this.trainable = config['trainable'] !== false;
    this.inboundNodes = Array.isArray(entry['inbound_nodes']) ? entry['inbound_nodes'] : [];
    if (dtypeName(config['dtype']) === undefined)
      throw this.unsupported('its dtype policy is not a single type');
  }

  /** `float32` unless the layer says otherwise. */
  get dtype(): string {
    return dtypeName(this.json['dtype']) ?? 'float32';
  }

  has(key: string): boolean {
    return this.json[key] !== undefined && this.json[key] !== null;
  }

  number(key: string, fallback?: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'number') return value;
    throw this.malformed(key, 'a number');
  }

  flag(key: string, fallback = false): boolean {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.malformed(key, 'true or false');
  }

  text(key: string, fallback?: string): string {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'string') return value;
    throw this.malformed(key, 'text');
  }

  /** A list of numbers, or one number as a list. */
  numbers(key: string): number[] {
    const value = this.json[key];
    const list: unknown = Array.isArray(value) ? value : [value];
    if (Array.isArray(list) && list.every((element) => typeof element === 'number')) return list;
    throw this.malformed(key, 'numbers');
  }

  /** The sizes along one, two or three dimensions; a single number counts for each. */
  sizes(key: string, dimensions: 1, fallback?: number): [number];
  sizes(key: string, dimensions: 2, fallback?: number): [number, number];
  sizes(key: string, dimensions: 3, fallback?: number): [number, number, number];
  sizes(key: string, dimensions: number, fallback?: number): number[] {
    const given = this.has(key) || fallback === undefined ? this.numbers(key) : [fallback];
    const [first] = given;
    if (given.length === 1 && first !== undefined) return Array.from({ length: dimensions }, () => first);
    if (given.length === dimensions) return given;
    throw this.malformed(key, `${dimensions} numbers`);
  }

  /** One of the texts listed; another is a feature that the engine lacks. */
  oneOf<const T extends string>(key: string, choices: readonly T[], fallback?: T): T {
    const value = this.text(key, fallback);
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw this.unsupported(`${key} is "${value}"`);
    return choice;
  }

  /** Refuses the layer unless a setting, when present, has the only value that the engine computes. */
  expect(key: string, only: unknown): void {
    const value = this.json[key];
    if (value !== undefined && value !== null && value !== only) {
      throw this.unsupported(`${key} is ${JSON.stringify(value)}`);
    }
  }

  /** The entry of a layer inside this one. */
  inner(key: string): LayerConfig {
    return new LayerConfig(this.json[key]);
  }

  unsupported(detail: string): EngineError {
    return new EngineError(
      'model_feature_unsupported',
      `Layer "${this.name}" (${this.className}) can't be computed here: ${detail}.`,
    );
  }

  malformed(key: string, expected: string): EngineError {
    return new EngineError(
      'model_unreadable',
      `Layer "${this.name}" (${this.className}): "${key}" is not ${expected}.`,
    );
  }
}

/** Keras 2 writes a type's name; Keras 3 a policy object around it. Undefined for mixed and quantized policies. */
function dtypeName(dtype: unknown): string | undefined {
  if (dtype === undefined || dtype === null) return 'float32';
  const name = isJson(dtype) && isJson(dtype['config']) ? dtype['config']['name'] : dtype;
  return typeof name === 'string' && /^(float|int|uint)\d+$|^bool$|^string$/.test(name) ? name : undefined;
}
