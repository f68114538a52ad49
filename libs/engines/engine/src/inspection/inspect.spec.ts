import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type ModelFiles } from '../engine.js';
import { type FindingCode } from './finding.js';
import { inspect, type Inspection } from './inspect.js';

const root = new URL('../../../../../', import.meta.url);

async function bytesOf(path: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL(path, root)));
}

/** Named so that no name tells the format. */
async function inspectOne(path: string): Promise<Inspection> {
  return inspect(new Map([['file', await bytesOf(path)]]));
}

const codes = ({ findings }: Inspection): FindingCode[] => findings.map((finding) => finding.code);

function textFiles(entries: Readonly<Record<string, string>>): ModelFiles {
  return new Map(Object.entries(entries).map(([path, text]) => [path, new TextEncoder().encode(text)]));
}

describe('a scan', () => {
  it.each([
    ['test/fixtures/digits/digits-keras3.h5', 'keras'],
    ['test/fixtures/digits/digits-keras2.h5', 'keras'],
    ['test/fixtures/digits/digits-recurrent-keras3.h5', 'keras'],
    ['test/fixtures/digits/digits-keras3.keras', 'keras'],
    ['node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', 'onnx'],
    ['test/fixtures/onnx/every-type.onnx', 'onnx'],
  ])('finds a real model clean and knows what it is: %s', async (path, format) => {
    const inspection = await inspectOne(path);
    expect(inspection.findings).toEqual([]);
    expect(inspection).toMatchObject({ verdict: 'clean', detectedFormat: format });
    expect(inspection.scannedFiles).toContain('file');
  });

  it.each<[string, Inspection['verdict'], FindingCode, RegExp]>([
    ['digits/lambda-keras3.h5', 'findings', 'keras_lambda', /Python code \(Lambda\) in layer "lambda"/],
    ['digits/lambda-keras2.h5', 'findings', 'keras_lambda', /Lambda/],
    ['digits/lambda-keras3.keras', 'findings', 'keras_lambda', /Lambda/],
    [
      'digits/logistic-regression.pkl',
      'findings',
      'pickle_code',
      /import sklearn\.linear_model\._logistic\.Logis/,
    ],
    [
      'hostile-models/calls-protocol0.pkl',
      'findings',
      'pickle_code',
      /import posix\.system and make 1 calls/,
    ],
    ['hostile-models/calls-protocol2.pkl', 'findings', 'pickle_code', /posix\.system/],
    ['hostile-models/calls-protocol4.pkl', 'findings', 'pickle_code', /posix\.system/],
    ['hostile-models/calls-then-breaks.pkl', 'findings', 'pickle_code', /posix\.system/],
    ['hostile-models/objects.npy', 'findings', 'pickle_code', /posix\.system/],
    ['hostile-models/checkpoint.pt', 'findings', 'pickle_code', /posix\.system/],
    ['hostile-models/climbs-out.zip', 'findings', 'archive_path_escapes', /outside itself/],
    ['hostile-models/foreign-module.h5', 'findings', 'keras_foreign_object', /needs os\.function/],
    ['hostile-models/external-link.h5', 'findings', 'hdf5_external_link', /"model_weights" is a link/],
    [
      'hostile-models/virtual-dataset.h5',
      'findings',
      'hdf5_external_link',
      /takes its data from other files/,
    ],
    ['hostile-models/external-storage.h5', 'unreadable', 'file_unreadable', /"model_weights\/kernel"/],
    ['hostile-models/oversized-dataset.h5', 'findings', 'hdf5_oversized_dataset', /more data than the file/],
    [
      'hostile-models/external-escape.onnx',
      'findings',
      'onnx_external_path_escapes',
      /\.\.\/\.\.\/\.\.\/etc\/passwd/,
    ],
    ['hostile-models/external-absolute.onnx', 'findings', 'onnx_external_path_escapes', /\/etc\/passwd/],
    ['hostile-models/external-escape-in-branch.onnx', 'findings', 'onnx_external_path_escapes', /secret/],
    ['hostile-models/external-missing.onnx', 'findings', 'onnx_external_data_missing', /weights\.bin/],
    ['hostile-models/custom-operator.onnx', 'findings', 'onnx_custom_operator', /acme\.ops::Shell/],
  ])('holds back %s', async (path, verdict, code, detail) => {
    const inspection = await inspectOne(`test/fixtures/${path}`);
    const finding = inspection.findings.find((candidate) => candidate.code === code);
    expect(codes(inspection)).toContain(code);
    expect(finding?.severity).toBe('critical');
    expect(finding?.detail).toMatch(detail);
    expect(inspection.verdict).toBe(verdict);
  });

  it('finds code however deep it lies', async () => {
    const pickle = await bytesOf('test/fixtures/hostile-models/calls-protocol2.pkl');
    const inspection = await inspect(new Map([['a', new Uint8Array(gzipSync(gzipSync(pickle)))]]));
    expect(inspection.findings).toContainEqual(
      expect.objectContaining({ code: 'pickle_code', path: 'a!/content!/content' }),
    );
    const buried = new Uint8Array(gzipSync(gzipSync(gzipSync(gzipSync(pickle)))));
    expect(codes(await inspect(new Map([['a', buried]])))).toContain('archive_too_deep');
  });

  it('follows external data inside the version, and only there', async () => {
    const model = await bytesOf('test/fixtures/onnx/linear/model.onnx');
    const weights = await bytesOf('test/fixtures/onnx/linear/weights.bin');
    const whole = await inspect(
      new Map([
        ['m/model.onnx', model],
        ['m/weights.bin', weights],
      ]),
    );
    expect(whole).toMatchObject({ verdict: 'clean', findings: [] });
    const elsewhere = await inspect(
      new Map([
        ['m/model.onnx', model],
        ['weights.bin', weights],
      ]),
    );
    expect(codes(elsewhere)).toContain('onnx_external_data_missing');
    const short = await inspect(
      new Map([
        ['model.onnx', model],
        ['weights.bin', weights.slice(0, 100)],
      ]),
    );
    expect(codes(short)).toContain('onnx_external_data_short');
  });

  it('does not call clean what it has not seen', async () => {
    expect(await inspect(new Map())).toMatchObject({ verdict: 'unreadable', scannedFiles: [] });
    expect(codes(await inspect(textFiles({ 'README.md': '# Only words' })))).toEqual(['no_model_found']);
    const odd = await inspect(new Map([['x', Uint8Array.from([0, 1, 2, 250, 251, 252])]]));
    expect(codes(odd)).toEqual(['format_unknown', 'no_model_found']);
    expect(odd.verdict).toBe('unreadable');
    const empty = await inspect(new Map([['x.h5', new Uint8Array()]]));
    expect(empty.verdict).toBe('unreadable');
  });

  it('lets a description lie beside a model', async () => {
    const model = await bytesOf('test/fixtures/digits/digits-keras3.h5');
    const files = new Map([
      ['model.h5', model],
      ...textFiles({ 'README.md': '# Digits', 'labels.json': '["zero"]' }),
    ]);
    expect((await inspect(files)).verdict).toBe('clean');
  });

  it('notices configurations that make a loader run code', async () => {
    const code = {
      tokenizer: '{{ x.__class__.__mro__[1].__subclasses__() }}',
      plain: '{{ messages[0].content }}',
    };
    const inspection = await inspect(
      textFiles({
        'tokenizer_config.json': JSON.stringify({ chat_template: code.tokenizer }),
        'config.json': JSON.stringify({ auto_map: { AutoModel: 'modeling.Model' } }),
        'plain.json': JSON.stringify({ chat_template: code.plain }),
      }),
    );
    expect(codes(inspection)).toEqual([
      'chat_template_code',
      'remote_code',
      'chat_template',
      'no_model_found',
    ]);
  });

  it('answers for every cut and every damaged byte of every fixture, and never finds a cut model clean', async () => {
    const folder = new URL('test/fixtures/hostile-models/', root);
    const names = (await readdir(folder)).filter((name) => !/\.(py|md|txt)$/.test(name));
    for (const name of names) {
      const bytes = new Uint8Array(await readFile(new URL(name, folder)));
      for (const share of [0.2, 0.5, 0.9]) {
        const cut = await inspect(new Map([['x', bytes.slice(0, Math.floor(bytes.length * share))]]));
        expect(cut.verdict).not.toBe('clean');
        const damaged = bytes.slice();
        damaged.fill(0xff, Math.floor(bytes.length * share), Math.floor(bytes.length * share) + 8);
        await expect(inspect(new Map([['x', damaged]]))).resolves.toHaveProperty('verdict');
      }
    }
  });
});

describe('a format by its header', () => {
  const gguf = (template: string): Uint8Array => {
    const text = (value: string): Buffer => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(Buffer.byteLength(value)));
      return Buffer.concat([length, Buffer.from(value)]);
    };
    const head = Buffer.from('GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0', 'latin1');
    const stringType = Buffer.from([8, 0, 0, 0]);
    return new Uint8Array(Buffer.concat([head, text('tokenizer.chat_template'), stringType, text(template)]));
  };

  it('reads a GGUF chat template', async () => {
    const plain = await inspect(new Map([['m', gguf('{{ messages }}')]]));
    expect(plain).toMatchObject({ verdict: 'clean', detectedFormat: 'gguf' });
    const hostile = await inspect(new Map([['m', gguf("{{ cycler.__init__.__globals__.os.popen('id') }}")]]));
    expect(codes(hostile)).toEqual(['chat_template_code']);
    const cut = await inspect(new Map([['m', gguf('{{ messages }}').slice(0, -3)]]));
    expect(cut).toMatchObject({ verdict: 'unreadable', detectedFormat: 'gguf' });
  });

  const safetensors = (header: object, dataBytes: number): Uint8Array => {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return new Uint8Array(Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
  };

  it('checks that safetensors cover their file', async () => {
    const header = {
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
    };
    expect((await inspect(new Map([['m', safetensors(header, 8)]]))).verdict).toBe('clean');
    for (const broken of [
      safetensors(header, 7),
      safetensors({ a: header.b }, 8),
      safetensors({ a: {} }, 0),
    ]) {
      expect(await inspect(new Map([['m', broken]]))).toMatchObject({
        verdict: 'unreadable',
        detectedFormat: 'safetensors',
      });
    }
  });
});
