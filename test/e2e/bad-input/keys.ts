import { describe, expect, it } from '@jest/globals';
import { ApiClient } from '../../../apps/cli/src/client/api-client.js';
import { GatewayClient } from '../../../apps/cli/src/client/gateway-client.js';
import { behindTheScenes } from '../../support/holdings.js';
import { refusalOf, type Refusal } from '../../support/refusal.js';
import type { Scene } from './scene.js';

export function keysThatOpenNothing(onStage: () => Scene): void {
  /** What somebody with this key is told at each of the three doors. */
  async function refusalsOf(token: string | undefined): Promise<(Refusal | unknown)[]> {
    const { castellan } = onStage();
    const key = token === undefined ? {} : { token };
    const gateway = new GatewayClient({ url: castellan.gatewayUrl, ...key });
    const api = new ApiClient({ url: castellan.apiUrl, ...key });
    const infer = await gateway.connection.raw('POST', '/v2/models/digits/infer', { json: {} });
    return [
      await refusalOf(() => gateway.predict({ model: 'digits', input: [] })),
      await refusalOf(() => api.models()),
      [infer.status, infer.headers.get('www-authenticate'), await infer.json()],
    ];
  }

  const told = (code: string, detail: RegExp) => [
    expect.objectContaining({ code, kind: 'unauthenticated', detail: expect.stringMatching(detail) }),
    expect.objectContaining({ code, kind: 'unauthenticated', detail: expect.stringMatching(detail) }),
    [401, 'Bearer', { error: expect.stringMatching(new RegExp(`^${code}: `)) }],
  ];
  const invalid = told('credentials_invalid', /not valid \(any more\)/);

  describe('an API key that opens nothing', () => {
    it('is missing: the refusal says how to send one', async () => {
      expect(await refusalsOf(undefined)).toEqual(told('credentials_missing', /Authorization: Bearer/));
    });

    it.each(['nonsense', 'cst_', `cst_${'A'.repeat(43)}`, 'x'.repeat(5_000)])(
      'is wrong: %.20s',
      async (key) => {
        expect(await refusalsOf(key)).toEqual(invalid);
      },
    );

    it('has expired, or was revoked, and opened everything until then', async () => {
      const { castellan, cast } = onStage();
      const { admin, consumer } = cast;
      const { id, secret } = await admin.api.createCredential(consumer.id, {
        ...{ kind: 'api_key', label: 'short', expiresInSeconds: 60 },
      });
      const gateway = new GatewayClient({ url: castellan.gatewayUrl, token: secret });
      const asked = () => gateway.predict({ model: 'digits', input: [] });
      expect(await refusalOf(asked)).toMatchObject({ kind: 'invalid' });
      await behindTheScenes(castellan, (query) =>
        query(`UPDATE "Credential" SET "expiresAt" = now() - interval '1 second' WHERE id = $1`, [id]),
      );
      expect(await refusalsOf(secret)).toEqual(invalid);

      const other = await admin.api.createCredential(consumer.id, { kind: 'api_key', label: 'taken back' });
      await admin.api.revokeCredential(other.id);
      expect(await refusalsOf(other.secret)).toEqual(invalid);
    });

    it('is for other deployments, or for other work', async () => {
      const { castellan, cast } = onStage();
      const { secret } = await cast.admin.api.createCredential(cast.consumer.id, {
        ...{ kind: 'api_key', label: 'narrow', deployments: ['another'] },
      });
      const narrow = new GatewayClient({ url: castellan.gatewayUrl, token: secret });
      expect(await refusalOf(() => narrow.predict({ model: 'digits', input: [] }))).toMatchObject({
        code: 'not_permitted',
        detail: expect.stringContaining('limited to other deployments'),
      });
      expect(
        await refusalOf(() => cast.steward.gateway.predict({ model: 'digits', input: [] })),
      ).toMatchObject({
        code: 'not_permitted',
        kind: 'forbidden',
      });
    });
  });
}
