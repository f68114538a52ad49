import { EngineError, Hdf5File, readZip, type ZipEntry } from '@castellan/engine';
import { generationOf, parseKerasConfig } from './keras-config.js';
import { type KerasFile, type StoredLayer, type StoredLayers, type StoredWeight } from './keras-file.js';
import { isJson, LayerConfig } from './layer-config.js';
import { readWeight } from './stored-weight.js';

/**
 * Keras 3's own format, a zip: `config.json`, `metadata.json`, and `model.weights.h5`, in which a layer's weights lie
 * under its class's name and not its own. Source: Keras `saving/saving_lib.py`.
 * @throws EngineError `model_unreadable`, `model_carries_code`, `model_feature_unsupported`
 */
export async function readKerasZip(bytes: Uint8Array): Promise<KerasFile> {
  const entries = new Map(readZip(bytes).map((entry) => [entry.path, entry]));
  const config = parseKerasConfig(text(entries, 'config.json'));
  const metadata: unknown = JSON.parse(text(entries, 'metadata.json'));
  const weightBytes = content(entries, 'model.weights.h5');
  const file = await Hdf5File.open(weightBytes);
  try {
    const reading = { file, fileBytes: weightBytes.length };
    const version = isJson(metadata) ? metadata['keras_version'] : undefined;
    return { config, generation: generationOf(version), weights: readLayers(reading, '/layers', config) };
  } finally {
    file.close();
    weightBytes.fill(0);
  }
}

interface Reading {
  readonly file: Hdf5File;
  readonly fileBytes: number;
}

function readLayers(reading: Reading, group: string, model: unknown): StoredLayers {
  const taken = new Map<string, number>();
  return new Map(
    layerEntries(model).map((entry) => {
      const { name, className } = new LayerConfig(entry);
      const kind = snakeCase(className);
      const earlier = taken.get(kind) ?? 0;
      taken.set(kind, earlier + 1);
      const place = `${group}/${kind}${earlier === 0 ? '' : `_${earlier}`}`;
      return [name, readLayer(reading, place, name, entry)];
    }),
  );
}

function readLayer(reading: Reading, place: string, name: string, entry: unknown): StoredLayer {
  if (layerEntries(entry).length > 0) return readLayers(reading, `${place}/layers`, entry);
  return readVariables(reading, place, name);
}

/** What can lie inside a layer and has weights of its own, in the order in which Keras makes them. */
const PARTS = ['cell', 'forward_layer', 'backward_layer', 'layer'];

function readVariables(reading: Reading, place: string, name: string): StoredWeight[] {
  const { file, fileBytes } = reading;
  const variables = file.children(place).includes('vars') ? file.children(`${place}/vars`) : [];
  const inOrder = variables.toSorted((left, right) => Number(left) - Number(right));
  const own = inOrder.map((index) =>
    readWeight(file, `${place}/vars/${index}`, `${name}/${index}`, fileBytes),
  );
  const parts = file.children(place);
  const inside = PARTS.filter((part) => parts.includes(part));
  return [...own, ...inside.flatMap((part) => readVariables(reading, `${place}/${part}`, `${name}/${part}`))];
}

/** The layers of a Sequential or Functional entry; none of any other. */
function layerEntries(entry: unknown): readonly unknown[] {
  const config = isJson(entry) ? entry['config'] : undefined;
  const layers = isJson(config) ? config['layers'] : undefined;
  return Array.isArray(layers) ? layers : [];
}

/** Keras's own rule, `to_snake_case` in `utils/naming.py`: `Conv2DTranspose` → `conv2d_transpose`. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function text(entries: ReadonlyMap<string, ZipEntry>, path: string): string {
  return new TextDecoder().decode(content(entries, path));
}

function content(entries: ReadonlyMap<string, ZipEntry>, path: string): Uint8Array {
  const entry = entries.get(path);
  if (entry === undefined) throw new EngineError('model_unreadable', `The Keras zip has no ${path}.`);
  return entry.read();
}
