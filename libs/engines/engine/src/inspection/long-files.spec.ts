import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { detectFormat } from '../format/format.js';
import { SparseSource } from '../testing/sparse-source.js';
import { inspect, type Inspection } from './inspect.js';

const GB = 1_000_000_000;
/** No inspector has more than this of a long file in hand at once. */
const MOST_AT_ONCE = 1024 * 1024;
/** Nor reads more than this of one whose payload says nothing. */
const MOST_ALTOGETHER = 16 * 1024 * 1024;

const fixtures = new URL('../../../../../test/fixtures/', import.meta.url);
const fixture = async (path: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(path, fixtures)));
const bytes = (...parts: (string | readonly number[] | Uint8Array)[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    ),
  );
const uint64 = (value: number): Uint8Array => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
};
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];

/** Scans one long file, with others beside it, within the bounds. */
async function inspectLong(
  source: SparseSource,
  beside: Record<string, Uint8Array> = {},
): Promise<Inspection> {
  const inspection = await inspect(
    new Map<string, Uint8Array | SparseSource>([...Object.entries(beside), ['weights.bin', source]]),
  );
  expect(source.longestRead).toBeLessThanOrEqual(MOST_AT_ONCE);
  expect(source.readBytes).toBeLessThanOrEqual(MOST_ALTOGETHER);
  return inspection;
}
const codes = ({ findings }: Inspection): string[] => findings.map(({ code }) => code);

const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const SYSTEM = "cposix\nsystem\n(S'id'\ntR.";
const safetensorsHeader = (dataBytes: number): Uint8Array => {
  // Padded, as the format has it: a length of 73 would begin a line of a pickle, which is followed to its end.
  const json = JSON.stringify({
    a: { dtype: 'U8', shape: [dataBytes], data_offsets: [0, dataBytes] },
  }).padEnd(256);
  return bytes(uint64(json.length), json);
};

describe('a file of 40 GB', () => {
  it('of nothing that is known is still of no known format', async () => {
    const inspection = await inspectLong(new SparseSource(40 * GB, {}));
    expect(codes(inspection)).toEqual(['format_unknown', 'no_model_found']);
    expect(inspection.verdict).toBe('unreadable');
  });

  it('of an ONNX model’s numbers is clean beside it', async () => {
    const model = await fixture('onnx/linear/model.onnx');
    const inspection = await inspectLong(new SparseSource(40 * GB, {}), { 'model.onnx': model });
    expect(inspection).toMatchObject({ verdict: 'clean', detectedFormat: 'onnx', findings: [] });
    expect(inspection.scannedFiles).toEqual(['model.onnx', 'weights.bin']);
  });

  it('of tensors is clean when they cover it, and not when they don’t', async () => {
    const header = safetensorsHeader(40 * GB);
    const sizeBytes = header.length + 40 * GB;
    expect(await inspectLong(new SparseSource(sizeBytes, { 0: header }))).toMatchObject({
      verdict: 'clean',
      detectedFormat: 'safetensors',
    });
    const longer = await inspectLong(new SparseSource(sizeBytes + 1, { 0: header }));
    expect(longer).toMatchObject({ verdict: 'unreadable', detectedFormat: 'safetensors' });
  });

  it('with a header longer than may be is told so', async () => {
    const source = new SparseSource(40 * GB, { 0: bytes(uint64(2 ** 31), '{') });
    const { findings, verdict } = await inspectLong(source);
    expect(verdict).toBe('unreadable');
    expect(findings[0]?.detail).toBe(
      'The header has 2147483648 bytes; at most 100000000 can be looked into.',
    );
  });

  it('of GGUF is known by its header', async () => {
    const text = '{{ x.__class__ }}';
    const header = bytes(
      'GGUF\x03\0\0\0',
      uint64(0),
      uint64(2),
      [...uint64(6), ...Buffer.from('tokens'), 9, 0, 0, 0, 0, 0, 0, 0],
      uint64(30 * GB),
    );
    const template = bytes(uint64(23), 'tokenizer.chat_template', [8, 0, 0, 0], uint64(text.length), text);
    const source = new SparseSource(40 * GB, { 0: header, [header.length + 30 * GB]: template });
    expect(codes(await inspectLong(source))).toEqual(['chat_template_code']);
  });
});

describe('a second face that begins after gigabytes', () => {
  it('is found where HDF5 looks for it', () => {
    const header = safetensorsHeader(40 * GB);
    const behind = { 0: header, [512 * 2 ** 26]: bytes(HDF5_SIGNATURE) };
    const source = new SparseSource(header.length + 40 * GB, behind);
    expect(detectFormat(source)).toBe('hdf5');
    expect(source.readBytes).toBeLessThan(MOST_AT_ONCE);
  });

  it.each([
    ['2 and later', '\x80\x04'],
    ['0, which nothing announces', ''],
  ])('is found in a pickle of protocol %s that skips to its code', async (_name, start) => {
    const skip = bytes(start, [0x8e], uint64(39 * GB));
    const source = new SparseSource(40 * GB, { 0: skip, [skip.length + 39 * GB]: bytes('0', SYSTEM) });
    const inspection = await inspectLong(source);
    expect(codes(inspection)).toEqual(['pickle_code']);
    expect(inspection.findings[0]?.detail).toContain('posix.system and make 1 calls');
  });

  it('is found in a second pickle behind a plain one', async () => {
    const skip = bytes('\x80\x04', [0x8e], uint64(39 * GB));
    const source = new SparseSource(40 * GB, { 0: skip, [skip.length + 39 * GB]: bytes('.', SYSTEM) });
    expect(codes(await inspectLong(source))).toEqual(['pickle_code']);
  });

  it('is found in the last node of a graph', async () => {
    const node = bytes([0x22, 5], 'Shell', [0x3a, 8], 'acme.ops');
    const tensor = bytes([0x4a], varint(30 * GB));
    const tensorBytes = tensor.length + 30 * GB;
    const last = bytes([0x0a], varint(node.length), node);
    const weights = bytes([0x2a], varint(tensorBytes), tensor);
    const start = bytes([0x08, 8, 0x3a], varint(weights.length + 30 * GB + last.length), weights);
    const source = new SparseSource(start.length + 30 * GB + last.length, {
      0: start,
      [start.length + 30 * GB]: last,
    });
    const inspection = await inspectLong(source);
    expect(inspection).toMatchObject({ verdict: 'findings', detectedFormat: 'onnx' });
    expect(codes(inspection)).toEqual(['onnx_custom_operator']);
  });
});

describe('what lies in an archive as it is', () => {
  it('is looked into where it lies', async () => {
    const payload = 8 * 1024 * 1024;
    const pickle = bytes('\x80\x04', [0x8e], uint64(payload), new Uint8Array(payload), '0', SYSTEM);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x0403_4b50, 0);
    head.writeUInt32LE(crc32(pickle), 14);
    head.writeUInt32LE(pickle.length, 18);
    head.writeUInt32LE(pickle.length, 22);
    head.writeUInt16LE(1, 26);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x0201_4b50, 0);
    head.copy(record, 6, 4, 30);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x0605_4b50, 0);
    end.writeUInt16LE(1, 8);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(47, 12);
    end.writeUInt32LE(31 + pickle.length, 16);
    const archive = bytes(head, 'm', pickle, record, 'm', end);
    const source = new SparseSource(archive.length, { 0: archive });
    const inspection = await inspect(new Map([['model.pt', source]]));
    expect(inspection.findings).toMatchObject([{ code: 'pickle_code', path: 'model.pt!/m' }]);
    expect(source.longestRead).toBeLessThanOrEqual(2 * MOST_AT_ONCE);
    const corrupt = archive.with(100, 1);
    expect(codes(await inspect(new Map([['model.pt', corrupt]])))).toContain('file_unreadable');
  });
});
