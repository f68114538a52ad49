import { gunzipSync, inflateSync } from 'node:zlib';
import { EngineError } from '../engine-error.js';
import { asSource, type ByteSource, pieces, whole } from '../format/byte-source.js';
import { detectFormat, type FileFormat } from '../format/format.js';
import { readZip } from '../format/zip-archive.js';
import { UNREADABLE, type Finding } from './finding.js';
import { leavesFolder, type InspectedFile } from './inspected-file.js';
import { inspectGguf } from './inspect-gguf.js';
import { inspectHdf5 } from './inspect-hdf5.js';
import { inspectJson } from './inspect-json.js';
import { inspectNumpy } from './inspect-numpy.js';
import { externalDataFiles, inspectOnnx } from './inspect-onnx.js';
import { inspectPickle } from './inspect-pickle.js';
import { inspectSavedModel } from './inspect-saved-model.js';
import { checkSafetensors } from '../format/safetensors.js';

/** What a scan answers about a version. `findings` stand in the order of the files. */
export interface Inspection {
  /**
   * `clean`: every file was looked into as far as its format says anything, and none carries code or reaches outside the version.
   * `findings`: something does. `unreadable`: something was not seen. Having looked at nothing is `unreadable`.
   */
  readonly verdict: 'clean' | 'findings' | 'unreadable';
  /** The format of the model among the files, `keras` where it is Keras's HDF5 or zip; `unknown` when there is none. */
  readonly detectedFormat: FileFormat | 'keras';
  readonly findings: readonly Finding[];
  readonly scannedFiles: readonly string[];
}

type Inspect = (file: InspectedFile) => Iterable<Finding> | Promise<Iterable<Finding>>;

const DEEPEST_NESTING = 3;
/** Of a version: how much of its archives is unpacked, and how long a gzip or zlib file may be. */
const MOST_UNPACKED_BYTES = 2 ** 31;
const PIECE_BYTES = 1024 * 1024;

const INSPECTORS: Readonly<Partial<Record<FileFormat, Inspect>>> = {
  hdf5: inspectHdf5,
  onnx: inspectOnnx,
  'tensorflow-saved-model': inspectSavedModel,
  gguf: inspectGguf,
  safetensors: ({ source }) => {
    checkSafetensors(source);
    return [];
  },
  pickle: inspectPickle,
  numpy: inspectNumpy,
  json: inspectJson,
  text: () => [],
};

/** Formats of which a model can consist, as opposed to what may lie beside one. */
const MODELS: readonly Inspection['detectedFormat'][] = [
  'onnx',
  'keras',
  'hdf5',
  'tensorflow-saved-model',
  'gguf',
  'safetensors',
  'pickle',
  'zip',
];

/**
 * Reads a version's files without running anything in them: what each really is, whether it is whole, whether it
 * carries code or names files outside the version. Never throws for what a file contains. Of a file only the parts are read
 * that say so, and few of them are in memory at a time; what must be there as a whole is bounded, and `unreadable` beyond.
 */
export async function inspect(files: ReadonlyMap<string, Uint8Array | ByteSource>): Promise<Inspection> {
  const sources = new Map(Array.from(files, ([path, file]) => [path, asSource(file)] as const));
  const scan = new Scan(sources);
  for (const [path, source] of sources) await scan.file(path, source, 0);
  return scan.result();
}

class Scan {
  readonly #files: ReadonlyMap<string, ByteSource>;
  readonly #findings: Finding[] = [];
  readonly #formats: Inspection['detectedFormat'][] = [];
  readonly #scanned: string[] = [];
  /** Files of bare numbers, which no format of their own can be asked of. */
  readonly #tensorData: ReadonlySet<string>;
  #unpackedBytes = 0;

  constructor(files: ReadonlyMap<string, ByteSource>) {
    this.#files = files;
    this.#tensorData = externalDataFiles(files);
  }

  async file(path: string, source: ByteSource, depth: number): Promise<void> {
    const format = detectFormat(source);
    if (depth === 0) this.#formats.push(isKeras(format, source) ? 'keras' : format);
    try {
      if (format === 'zip' || format === 'gzip' || format === 'zlib') {
        await this.#archive(path, source, format, depth);
      } else {
        await this.#content(path, source, format);
      }
      this.#scanned.push(path);
    } catch (error) {
      this.#unreadable(path, error);
    }
  }

  result(): Inspection {
    const detectedFormat = MODELS.find((format) => this.#formats.includes(format)) ?? 'unknown';
    if (this.#files.size === 0) this.#find('nothing_to_scan', '', 'The version has no files.');
    else if (detectedFormat === 'unknown') this.#find('no_model_found', '', 'None of the files is a model.');
    return {
      verdict: this.#verdict(),
      detectedFormat,
      findings: this.#findings,
      scannedFiles: this.#scanned,
    };
  }

  #verdict(): Inspection['verdict'] {
    const serious = this.#findings.filter((finding) => finding.severity !== 'info');
    if (serious.some((finding) => !UNREADABLE.has(finding.code))) return 'findings';
    return serious.length > 0 ? 'unreadable' : 'clean';
  }

  async #content(path: string, source: ByteSource, format: FileFormat): Promise<void> {
    if (format === 'empty') return this.#find('file_empty', path, 'The file is empty.', 'warning');
    if (format === 'unknown' && this.#tensorData.has(path)) return;
    const inspector = INSPECTORS[format];
    if (inspector === undefined) return this.#find('format_unknown', path, 'The file is of no known format.');
    this.#findings.push(...(await inspector({ path, source, files: this.#files })));
  }

  async #archive(
    path: string,
    source: ByteSource,
    format: 'zip' | 'gzip' | 'zlib',
    depth: number,
  ): Promise<void> {
    if (depth === DEEPEST_NESTING) {
      return this.#find('archive_too_deep', path, 'Archives lie inside archives too deep to look into.');
    }
    if (format === 'zip') return this.#zip(path, source, depth);
    const unpack = format === 'gzip' ? gunzipSync : inflateSync;
    const content = unpack(whole(source, MOST_UNPACKED_BYTES), {
      maxOutputLength: Math.max(1, MOST_UNPACKED_BYTES - this.#unpackedBytes),
    });
    this.#unpackedBytes += content.length;
    await this.file(`${path}!/content`, asSource(content), depth + 1);
  }

  async #zip(path: string, source: ByteSource, depth: number): Promise<void> {
    for (const entry of readZip(source)) {
      const inner = `${path}!/${entry.path}`;
      if (leavesFolder(entry.path)) {
        this.#find('archive_path_escapes', inner, 'The archive names a file outside itself.');
      }
      this.#unpackedBytes += entry.unpackedBytes;
      if (this.#unpackedBytes > MOST_UNPACKED_BYTES) {
        return this.#find('archive_too_large', inner, `More than ${MOST_UNPACKED_BYTES} bytes unpacked.`);
      }
      await this.file(inner, entry.open(), depth + 1);
    }
  }

  #unreadable(path: string, error: unknown): void {
    const detail = error instanceof EngineError ? error.publicDetail : 'The file is cut short or corrupt.';
    this.#find('file_unreadable', path, detail);
  }

  #find(
    code: Finding['code'],
    path: string,
    detail: string,
    severity: Finding['severity'] = 'critical',
  ): void {
    this.#findings.push({ code, severity, path, detail });
  }
}

/** Keras marks both of its formats by names that stand in them uncompressed. */
function isKeras(format: FileFormat, source: ByteSource): boolean {
  if (format === 'hdf5') return holds(source, 'model_config');
  return format === 'zip' && holds(source, 'model.weights.h5');
}

function holds(source: ByteSource, name: string): boolean {
  for (const { buffer, byteOffset, length } of pieces(source, PIECE_BYTES, name.length - 1))
    if (Buffer.from(buffer, byteOffset, length).includes(name)) return true;
  return false;
}
