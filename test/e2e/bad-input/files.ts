import { request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { Version } from '@castellan/contracts';
import { eventually } from '../../support/eventually.js';
import { fixture, fixturePath } from '../../support/fixtures.js';
import { holdingsOf } from '../../support/holdings.js';
import { runCastellan } from '../../support/running-castellan.js';
import type { Scene } from './scene.js';

/** What the scan has against a version, a line a finding. */
function findingsOf({ stage, scan }: Version): string[] {
  return [stage, ...(scan?.findings ?? []).map(({ code, path, detail }) => `${code} ${path}: ${detail}`)];
}

export function filesThatAreNoModels(onStage: () => Scene): void {
  describe('a file that is no model', () => {
    it.each([
      ['nothing', 'model.h5', async () => new Uint8Array(0), [/^file_empty model\.h5/, /^no_model_found/]],
      [
        'half a Keras model',
        'model.h5',
        async () => (await fixture('digits/digits-keras3.h5')).slice(0, 60_000),
        [/^file_unreadable model\.h5: .*truncated/],
      ],
      [
        'a Keras 3 model with a Lambda layer',
        'model.h5',
        () => fixture('digits/lambda-keras3.h5'),
        [/^keras_lambda model\.h5: .*Python code \(Lambda\) in layer "lambda"/, /^keras_lambda/],
      ],
      [
        'a Keras 2 model with a Lambda layer',
        'model.h5',
        () => fixture('digits/lambda-keras2.h5'),
        [/^keras_lambda model\.h5: .*Python code \(Lambda\) in layer "lambda"/],
      ],
      [
        'a pickle that runs a program, renamed',
        'model.onnx',
        () => fixture('hostile-models/calls-protocol4.pkl'),
        [/^pickle_code model\.onnx: .*posix\.system/],
      ],
      [
        'a scikit-learn model, renamed',
        'model.onnx',
        () => fixture('digits/logistic-regression.pkl'),
        [/^pickle_code model\.onnx: .*LogisticRegression/],
      ],
      [
        'an ONNX model whose weights lie elsewhere on the disk',
        'model.onnx',
        () => fixture('hostile-models/external-escape.onnx'),
        [/model\.onnx: .*\.\.\//],
      ],
    ])('is rejected by the scan, which says why: %s', async (_, path, content, findings) => {
      const { cast } = onStage();
      const version = await cast.publish('hostile', { [path]: await content() });
      expect(findingsOf(version)).toEqual(['rejected', ...findings.map((why) => expect.stringMatching(why))]);
      const { allowed } = (await cast.reviewer.api.review(version.id)).evaluation;
      expect(allowed).toBe(false);
    });

    it('is told by the command line as by the api, with exit code 1', async () => {
      const { castellan, cast } = onStage();
      const signedIn = { CASTELLAN_URL: castellan.apiUrl, CASTELLAN_TOKEN: cast.author.token };
      const file = fixturePath('digits/lambda-keras3.h5');
      const told = await runCastellan(['publish', file, '--model', 'hostile', '--json'], signedIn);
      expect(told).toMatchObject({
        exitCode: 1,
        error: {
          code: 'version_rejected',
          detail: expect.stringContaining('keras_lambda in lambda-keras3.h5'),
        },
      });
      const absent = await runCastellan(['publish', '/nowhere/model.h5', '--model', 'hostile'], signedIn);
      expect(absent).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('/nowhere/model.h5') });
    });

    it('can not be a version of no files', async () => {
      const scene = onStage();
      const { cast } = scene;
      const { id } = await cast.author.api.createVersion('hostile');
      expect(await scene.refusedWithoutTrace(() => cast.author.api.finalize(id))).toMatchObject({
        code: 'version_empty',
        detail: expect.stringContaining('no files'),
      });
      await cast.author.api.deleteVersion(id);
    });
  });

  describe('an upload that is cut in the middle', () => {
    it('leaves nothing, can be sent again, and can be given up without a trace', async () => {
      const { castellan, cast } = onStage();
      const { api } = cast.author;
      const weights = await fixture('digits/digits-keras2.h5');
      const before = await holdingsOf(castellan);
      const { id } = await api.createVersion('digits');
      const started = await holdingsOf(castellan);
      await cutUpload(`${castellan.apiUrl}/api/v1/versions/${id}/files/model.h5`, cast.author.token, weights);
      await eventually('the half upload is gone', async () => {
        const { blobs } = await holdingsOf(castellan);
        return blobs.length === started.blobs.length || undefined;
      });
      expect(await holdingsOf(castellan)).toEqual(started);

      expect(await api.putFile(id, 'model.h5', { body: weights })).toMatchObject({
        sizeBytes: weights.length,
      });
      await api.deleteVersion(id);
      expect(await holdingsOf(castellan)).toEqual(before);
    });
  });

  describe('a name or path that would lead elsewhere', () => {
    it.each([
      ['..%2f..%2fescape', /"\.\." segments/],
      ['%2fetc%2fpasswd', /relative path/],
      ['a//b', /relative path/],
      ['a%5cb', /backslash/],
      ['a%0ab', /control character/],
      ['5h.%E2%80%AEledom', /direction of text/],
      ['x'.repeat(600), /at most 500/],
    ])('is refused as a path: %s', async (path, why) => {
      const scene = onStage();
      const { castellan, cast } = scene;
      const { id } = await cast.author.api.createVersion('hostile');
      const before = await holdingsOf(castellan);
      const url = `${castellan.apiUrl}/api/v1/versions/${id}/files/${path}`;
      const headers = { authorization: `Bearer ${cast.author.token}` };
      expect(await scene.problemOf(url, { method: 'PUT', headers, body: 'x' })).toMatchObject({
        status: 400,
        code: 'file_path_invalid',
        detail: expect.stringMatching(why),
      });
      expect(await holdingsOf(castellan)).toEqual(before);
      await cast.author.api.deleteVersion(id);
    });

    it.each([
      'Upper',
      '../up',
      `x'; DROP TABLE "Model"; --`,
      'ü',
      '',
      'a'.repeat(64),
      '__proto__',
      'a\u0000b',
    ])('is refused as a name, with what a name may be: %j', async (name) => {
      const scene = onStage();
      const { cast } = scene;
      const model = () => cast.author.api.createModel({ project: 'default', name });
      const deployment = () => cast.admin.api.createDeployment({ name, version: 'digits@1' });
      const person = () => cast.admin.api.createPerson({ name, displayName: 'X' });
      for (const attempt of [model, deployment, person])
        expect(await scene.refusedWithoutTrace(attempt)).toMatchObject({
          code: 'request_invalid',
          detail: expect.stringMatching(/^name/),
        });
    });

    it.each(['a\u0000b', `' OR 1=1 --`, '..%2f..', 'digits@999999999', 'digits@99999999999', '%', '💥'])(
      'finds nothing as a reference: %j',
      async (ref) => {
        const scene = onStage();
        const { cast } = scene;
        const attempts = [
          () => cast.author.api.model(ref),
          () => cast.author.api.version(ref),
          () => cast.analyst.api.budget(ref),
          () => cast.admin.api.deployment(ref),
        ];
        for (const attempt of attempts)
          expect(await scene.refusedWithoutTrace(attempt)).toMatchObject({
            code: ref.includes('\u0000') ? 'request_invalid' : expect.stringMatching(/_unknown$/),
          });
      },
    );
  });
}

/** Sends half of it, then nothing more. */
function cutUpload(url: string, token: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const upload = request(url, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-length': bytes.length },
    });
    upload.once('error', () => resolve());
    upload.once('close', () => resolve());
    upload.write(bytes.subarray(0, bytes.length / 2), () => setTimeout(() => upload.destroy(), 100));
  });
}
