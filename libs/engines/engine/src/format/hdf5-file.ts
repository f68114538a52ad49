import { type Dataset, type File as H5File } from 'h5wasm';
import { EngineError } from '../engine-error.js';
import { asSource, type ByteSource, pieces } from './byte-source.js';

/** Numbers as HDF5 keeps them, or text. */
export type Hdf5Value =
  | string
  | readonly string[]
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface Hdf5Entry {
  readonly path: string;
  readonly kind: 'group' | 'dataset' | 'external-link' | 'broken-link' | 'other';
}

/** What a dataset claims to be, before any of it is read. */
export interface Hdf5Shape {
  readonly shape: readonly number[];
  /** Size of one element in bytes. */
  readonly elementBytes: number;
  readonly float: boolean;
  readonly compressed: boolean;
  /** Whether its data is said to lie in other files. */
  readonly virtual: boolean;
}

let opened = 0;

/**
 * An HDF5 file read inside WebAssembly from where it lies: the library sees an empty file system that holds this one file,
 * so a link to another file leads nowhere. It asks for the parts that it needs and keeps no copy; the bytes must stay until
 * `close`.
 */
export class Hdf5File {
  readonly #file: H5File;
  readonly #release: () => void;

  private constructor(file: H5File, release: () => void) {
    this.#file = file;
    this.#release = release;
  }

  /** @throws EngineError `model_unreadable` when the file is cut short or corrupt */
  static async open(file: Uint8Array | ByteSource): Promise<Hdf5File> {
    const h5wasm = await import('h5wasm');
    const library = await h5wasm.ready;
    const { FS } = library;
    // Otherwise the library prints its errors and returns nonsense.
    library.activate_throwing_error_handler();
    opened += 1;
    const path = `/model-${opened}.h5`;
    mount(FS, path, asSource(file));
    const release = (): void => FS.unlink(path);
    try {
      return new Hdf5File(new h5wasm.File(path, 'r'), release);
    } catch (error) {
      release();
      throw unreadable('The HDF5 file', error);
    }
  }

  /** Writes a file in memory; the library's copy is overwritten before it is let go. */
  static async write(fill: (writer: Hdf5Writer) => void): Promise<Uint8Array> {
    const h5wasm = await import('h5wasm');
    const { FS } = await h5wasm.ready;
    opened += 1;
    const path = `/model-${opened}.h5`;
    const file = new h5wasm.File(path, 'w');
    try {
      fill(new Hdf5Writer(file));
    } finally {
      file.close();
    }
    const bytes = FS.readFile(path);
    FS.writeFile(path, new Uint8Array(bytes.length));
    FS.unlink(path);
    return bytes;
  }

  /**
   * An attribute's value; undefined when the object or the attribute is not there, or is of a kind not used here.
   * @throws EngineError `model_unreadable`
   */
  attribute(path: string, name: string): Hdf5Value | undefined {
    return guarded(path, () => {
      const entity = path === '/' ? this.#file : this.#file.get(path);
      if (entity === null || !('attrs' in entity)) return undefined;
      const attribute = entity.attrs[name];
      if (attribute === undefined) return undefined;
      return attribute.shape?.includes(0) === true ? [] : asValue(attribute.value);
    });
  }

  /** The names in a group; empty when there is no group at the path. @throws EngineError `model_unreadable` */
  children(path: string): readonly string[] {
    return guarded(path, () => {
      const entity = this.#file.get(path);
      return entity !== null && 'keys' in entity ? entity.keys() : [];
    });
  }

  /** The claim of a dataset; undefined when there is none at the path. @throws EngineError `model_unreadable` */
  shape(path: string): Hdf5Shape | undefined {
    return guarded(path, () => {
      const dataset = this.#dataset(path);
      if (dataset === undefined) return undefined;
      const { shape, size, type, virtual_sources: sources } = dataset.metadata;
      return {
        shape: (shape ?? []).map(Number),
        elementBytes: size,
        float: type === FLOAT_CLASS,
        compressed: dataset.filters.length > 0,
        virtual: sources !== undefined && sources.length > 0,
      };
    });
  }

  /**
   * A dataset's data, flat and row-major. The caller has looked at its {@link shape} first: the whole of it is read.
   * @throws EngineError `model_unreadable`
   */
  read(path: string): Hdf5Value {
    return guarded(path, () => {
      const value: unknown = this.#dataset(path)?.value;
      const known = asValue(value);
      if (known === undefined) throw new Error('it holds neither numbers nor text');
      return known;
    });
  }

  /**
   * Reads a dataset to its end and keeps none of it; of a long one only a part is in memory at a time.
   * @throws EngineError `model_unreadable`
   */
  readThrough(path: string): void {
    const { shape, elementBytes } = this.shape(path) ?? { shape: [], elementBytes: 0 };
    const ranges = shape.map((dimension): Range => [0, dimension]);
    if (bytesOf(ranges, elementBytes) <= SLAB_BYTES) this.read(path);
    else guarded(path, () => readSlabs(this.#dataset(path), ranges, elementBytes));
  }

  /** Every object below the root, groups before what they hold. Links are named, never followed out of the file. */
  entries(): readonly Hdf5Entry[] {
    return guarded('/', () =>
      this.#file.paths().map((path) => {
        const entity = this.#file.get(path);
        const type = entity !== null && 'type' in entity ? entity.type : '';
        return { path, kind: KIND_OF[type] ?? 'other' };
      }),
    );
  }

  close(): void {
    this.#file.close();
    this.#release();
  }

  #dataset(path: string): Dataset | undefined {
    const entity = this.#file.get(path);
    return entity !== null && 'type' in entity && entity.type === 'Dataset' ? (entity as Dataset) : undefined;
  }
}

/** How much of a dataset is read at once where not all of it is wanted. */
const SLAB_BYTES = 64 * 1024 * 1024;

type Range = [from: number, to: number];

function bytesOf(ranges: readonly Range[], elementBytes: number): number {
  return ranges.reduce((product, [from, to]) => product * (to - from), elementBytes);
}

/** Halves what is too long along its first dimensions, so that what lies together is read together. */
function readSlabs(dataset: Dataset | undefined, ranges: readonly Range[], elementBytes: number): void {
  if (bytesOf(ranges, elementBytes) <= SLAB_BYTES) {
    if (asValue(dataset?.slice(ranges.map(([from, to]) => [from, to]))) === undefined)
      throw new Error('it holds neither numbers nor text');
    return;
  }
  const axis = ranges.findIndex(([from, to]) => to - from > 1);
  if (axis < 0) throw new Error('one of its elements is too long');
  const [from, to] = ranges[axis] ?? [0, 0];
  const middle = Math.floor((from + to) / 2);
  readSlabs(dataset, ranges.with(axis, [from, middle]), elementBytes);
  readSlabs(dataset, ranges.with(axis, [middle, to]), elementBytes);
}

const PIECE_BYTES = 1024 * 1024;

/** What there is of the library's file system: Emscripten's, whose nodes say themselves how they are read. */
interface FileSystem {
  writeFile(path: string, data: Uint8Array): void;
  lookupPath(path: string, options: object): { readonly node: unknown };
}

interface FileNode {
  usedBytes: number;
  stream_ops: object;
}

function mount(files: FileSystem, path: string, source: ByteSource): void {
  files.writeFile(path, new Uint8Array());
  const node = files.lookupPath(path, {}).node as FileNode;
  const read = (_: unknown, memory: Uint8Array, at: number, length: number, position: number): number => {
    const lengthBytes = Math.max(0, Math.min(length, source.size - position));
    let filled = 0;
    for (const piece of pieces(source.slice(position, lengthBytes), PIECE_BYTES)) {
      memory.set(piece, at + filled);
      filled += piece.length;
    }
    return filled;
  };
  node.usedBytes = source.size;
  node.stream_ops = { ...node.stream_ops, read };
}

/** HDF5's type class for floating-point numbers, H5T_FLOAT. */
const FLOAT_CLASS = 1;

const KIND_OF: Readonly<Record<string, Hdf5Entry['kind']>> = {
  Group: 'group',
  Dataset: 'dataset',
  ExternalLink: 'external-link',
  BrokenSoftLink: 'broken-link',
};

/** The library gives a scalar dataset as a bare number. */
function asValue(value: unknown): Hdf5Value | undefined {
  if (typeof value === 'number') return new Float64Array([value]);
  if (typeof value === 'bigint') return new BigInt64Array([value]);
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return value;
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? (value as Hdf5Value) : undefined;
}

function guarded<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(`"${path}" in the HDF5 file`, error);
  }
}

/** The library reports a stack of errors; the deepest says what is wrong. */
function unreadable(subject: string, error: unknown): EngineError {
  const report = error instanceof Error ? error.message : String(error);
  const deepest = report.match(/(?<=#\d{3}: .* in \w+\(\): ).*/g)?.at(-1) ?? report;
  return new EngineError('model_unreadable', `${subject} can't be read: ${deepest.trim()}.`, error);
}

/** What can be put into a new HDF5 file. */
export class Hdf5Writer {
  constructor(private readonly file: H5File) {}

  /** Those above it are made too. */
  group(path: string): void {
    let made = '';
    for (const part of path.split('/').filter((name) => name !== '')) {
      made += `/${part}`;
      if (this.file.get(made) === null) this.file.create_group(made);
    }
  }

  /** Texts and lists of texts. */
  attributes(path: string, values: Readonly<Record<string, string | readonly string[]>>): void {
    const entity = path === '/' ? this.file : this.file.get(path);
    if (entity === null || !('create_attribute' in entity)) throw new Error(`nothing at ${path}`);
    for (const [name, value] of Object.entries(values))
      // Of no name at all there is an empty list of numbers: the library can't tell an empty list's type.
      if (typeof value === 'string') entity.create_attribute(name, value);
      else if (value.length === 0) entity.create_attribute(name, new Float32Array(0), [0]);
      else entity.create_attribute(name, [...value]);
  }

  /** Numbers of single precision; groups on the way are made. */
  dataset(path: string, shape: readonly number[], data: Float32Array): void {
    const [name = '', ...above] = path.split('/').toReversed();
    const folder = above.toReversed().join('/');
    this.group(folder);
    const group = this.file.get(folder);
    if (group === null || !('create_dataset' in group)) throw new Error(`no group at ${folder}`);
    group.create_dataset({ name, data, shape: [...shape], dtype: '<f4' });
  }
}
