import { describe, expect, it } from '@jest/globals';
import type { Scene } from './scene.js';

const latin1 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'latin1'));

export function requestsThatAreNone(onStage: () => Scene): void {
  /** Something of the right door: an author's attempt to make a model. */
  const post = (body: string | Uint8Array<ArrayBuffer>, type?: string) => async () => {
    const scene = onStage();
    const authorization = `Bearer ${scene.cast.author.token}`;
    const headers = { authorization, ...(type !== undefined && { 'content-type': type }) };
    return scene.problemOf(`${scene.castellan.apiUrl}/api/v1/models`, { method: 'POST', headers, body });
  };
  const json = 'application/json';
  const model = (more: object = {}) => JSON.stringify({ project: 'default', name: 'never', ...more });

  describe('a request that is none', () => {
    it.each<[what: string, send: () => Promise<unknown>, status: number, code: string, detail: RegExp]>([
      ['half a JSON object', post('{"name":', json), 400, 'request_malformed', /not valid JSON/],
      ['no body', post('', json), 400, 'request_malformed', /cannot be empty/],
      [
        'text',
        post(model(), 'text/plain'),
        415,
        'content_type_unsupported',
        /application\/json"; .* "text\/plain/,
      ],
      [
        'a form, as curl sends it by itself',
        post(model(), 'application/x-www-form-urlencoded'),
        415,
        'content_type_unsupported',
        /Send JSON/,
      ],
      ['XML', post('<model/>', 'application/xml'), 415, 'content_type_unsupported', /Send JSON/],
      [
        'JSON in Latin-1',
        post(latin1(model({ description: 'süß' })), json),
        400,
        'request_malformed',
        /UTF-8/,
      ],
      [
        'JSON of more than 1 MiB',
        post(model({ description: 'x'.repeat(1 << 20) }), json),
        413,
        'body_too_large',
        /too large/,
      ],
      [
        'JSON that would change prototypes',
        post('{"__proto__":{"a":1}}', json),
        400,
        'request_malformed',
        /./,
      ],
      ['null', post('null', json), 400, 'request_invalid', /expected object, received null/],
      ['a list', post('[]', json), 400, 'request_invalid', /expected object/],
      [
        'a hundred thousand brackets',
        post('['.repeat(100_000) + ']'.repeat(100_000), json),
        400,
        'request_invalid',
        /expected object/,
      ],
      [
        'text with U+0000',
        post(model({ description: 'a\u0000b' }), json),
        400,
        'request_invalid',
        /description.*U\+0000/,
      ],
      [
        'half a surrogate pair',
        post(model({ description: 'a\ud800b' }), json),
        400,
        'request_invalid',
        /description.*surrogate/,
      ],
      [
        'a number for a name',
        post('{"project":"default","name":7}', json),
        400,
        'request_invalid',
        /name: .*expected string/,
      ],
    ])('is a problem that says so: %s', async (_, send, status, code, detail) => {
      expect(await send()).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
      const { models } = await onStage().cast.author.api.models();
      expect(models.map(({ name }) => name)).not.toContain('never');
    });

    it.each(['/%ff', '/api/v1/models/%e0%a4%a', '/api/v1/nowhere', '/api/v1/../../etc/passwd'])(
      'is an address that is none: %s',
      async (path) => {
        const scene = onStage();
        const headers = { authorization: `Bearer ${scene.cast.author.token}` };
        expect(await scene.problemOf(`${scene.castellan.apiUrl}${path}`, { headers })).toMatchObject({
          status: expect.any(Number),
          code: expect.stringMatching(/^(request_malformed|route_unknown)$/),
        });
      },
    );
  });

  describe('a prediction request that is none', () => {
    const predict = async (body: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) => {
      const scene = onStage();
      const headers = { authorization: `Bearer ${scene.cast.consumer.token}`, ...more };
      return scene.problemOf(`${scene.castellan.gatewayUrl}/api/predict`, { method: 'POST', headers, body });
    };

    it.each<[what: string, send: () => Promise<unknown>, detail: RegExp]>([
      ['half a JSON object', () => predict('{"input":'), /^The body is not JSON\. Send \{"input": …\}\.$/],
      ['no body', () => predict(''), /not JSON/],
      ['JSON in Latin-1', () => predict(latin1('{"model":"é"}')), /not JSON/],
      ['null', () => predict('null'), /expected object, received null/],
      ['a name that can not be', () => predict('{"model":"../x","input":[]}'), /"model": .*lower-case/],
      [
        'a packing that it lacks',
        () => predict('{}', { 'content-encoding': 'gzip' }),
        /not packed as it says/,
      ],
      ['an unknown packing', () => predict('{}', { 'content-encoding': 'br' }), /packed as "br"/],
    ])('is a problem that says so: %s', async (_, send, detail) => {
      expect(await send()).toMatchObject({
        status: 400,
        code: 'input_malformed',
        detail: expect.stringMatching(detail),
      });
    });

    it('is more than 64 MiB once unpacked', async () => {
      const { gzipSync } = await import('node:zlib');
      const bomb = new Uint8Array(gzipSync(Buffer.alloc(65 << 20, ' ')));
      expect(bomb.length).toBeLessThan(1 << 17);
      expect(await predict(bomb, { 'content-encoding': 'gzip' })).toMatchObject({
        status: 413,
        code: 'body_too_large',
        detail: expect.stringContaining('64 MiB'),
      });
    });
  });
}
