import { gunzipSync, inflateSync } from 'node:zlib';
import { type ModelFiles } from '../engine.js';
import { EngineError } from '../engine-error.js';
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
   * `clean`: every file was read to its end and none carries code or reaches outside the version.
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
const MOST_UNPACKED_BYTES = 2 ** 31;

const INSPECTORS: Readonly<Partial<Record<FileFormat, Inspect>>> = {
  hdf5: inspectHdf5,
  onnx: inspectOnnx,
  'tensorflow-saved-model': inspectSavedModel,
  gguf: inspectGguf,
  safetensors: ({ bytes }) => {
    checkSafetensors(bytes);
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
 * carries code or names files outside the version. Never throws for what a file contains.
 */
export async function inspect(files: ModelFiles): Promise<Inspection> {
  const scan = new Scan(files);
  for (const [path, bytes] of files) await scan.file(path, bytes, 0);
  return scan.result();
}

class Scan {
  readonly #files: ModelFiles;
  readonly #findings: Finding[] = [];
  readonly #formats: Inspection['detectedFormat'][] = [];
  readonly #scanned: string[] = [];
  /** Files of bare numbers, which no format of their own can be asked of. */
  readonly #tensorData: ReadonlySet<string>;
  #unpackedBytes = 0;

  constructor(files: ModelFiles) {
    this.#files = files;
    this.#tensorData = externalDataFiles(files);
  }

  async file(path: string, bytes: Uint8Array, depth: number): Promise<void> {
    const format = detectFormat(bytes);
    if (depth === 0) this.#formats.push(isKeras(format, bytes) ? 'keras' : format);
    try {
      if (format === 'zip' || format === 'gzip' || format === 'zlib') {
        await this.#archive(path, bytes, format, depth);
      } else {
        await this.#content(path, bytes, format);
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

  async #content(path: string, bytes: Uint8Array, format: FileFormat): Promise<void> {
    if (format === 'empty') return this.#find('file_empty', path, 'The file is empty.', 'warning');
    if (format === 'unknown' && this.#tensorData.has(path)) return;
    const inspector = INSPECTORS[format];
    if (inspector === undefined) return this.#find('format_unknown', path, 'The file is of no known format.');
    this.#findings.push(...(await inspector({ path, bytes, files: this.#files })));
  }

  async #archive(
    path: string,
    bytes: Uint8Array,
    format: 'zip' | 'gzip' | 'zlib',
    depth: number,
  ): Promise<void> {
    if (depth === DEEPEST_NESTING) {
      return this.#find('archive_too_deep', path, 'Archives lie inside archives too deep to look into.');
    }
    if (format === 'zip') return this.#zip(path, bytes, depth);
    const unpack = format === 'gzip' ? gunzipSync : inflateSync;
    const content = unpack(bytes, {
      maxOutputLength: Math.max(1, MOST_UNPACKED_BYTES - this.#unpackedBytes),
    });
    this.#unpackedBytes += content.length;
    await this.file(`${path}!/content`, content, depth + 1);
  }

  async #zip(path: string, bytes: Uint8Array, depth: number): Promise<void> {
    for (const entry of readZip(bytes)) {
      const inner = `${path}!/${entry.path}`;
      if (leavesFolder(entry.path)) {
        this.#find('archive_path_escapes', inner, 'The archive names a file outside itself.');
      }
      this.#unpackedBytes += entry.sizeBytes;
      if (this.#unpackedBytes > MOST_UNPACKED_BYTES) {
        return this.#find('archive_too_large', inner, `More than ${MOST_UNPACKED_BYTES} bytes unpacked.`);
      }
      await this.file(inner, entry.read(), depth + 1);
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
function isKeras(format: FileFormat, bytes: Uint8Array): boolean {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'hdf5') return content.includes('model_config');
  return format === 'zip' && content.includes('model.weights.h5');
}
