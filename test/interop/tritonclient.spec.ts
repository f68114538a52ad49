import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { echoing, summing } from '../../apps/gateway/src/testing/doubled-models.js';
import { GatewayStand } from '../../apps/gateway/src/testing/gateway-stand.js';
import { pythonWith } from './python.js';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'call-with-tritonclient.py');

const python = await pythonWith('tritonclient.http', 'numpy');
if (python === undefined) {
  console.warn(
    'Skipped: interop with tritonclient. It needs a Python with "tritonclient[http]" and numpy: set CASTELLAN_PYTHON to one.',
  );
}

(python === undefined ? describe.skip : describe)('the unmodified tritonclient', () => {
  let stand: GatewayStand;
  let saw: Record<string, unknown>;

  beforeAll(async () => {
    stand = await GatewayStand.start();
    const organization = await stand.organization('ours');
    const sums = await stand.deploy(organization, 'sums', summing('sums'));
    const echo = await stand.deploy(organization, 'echo', echoing('echo'));
    await stand.deploy(organization, 'waiting', summing('waiting'));
    stand.approve(sums.versionId);
    stand.approve(echo.versionId);
    const key = await stand.key(organization.id, ['consumer']);
    for (const name of ['sums', 'echo']) await stand.untilReady(name, key);
    const { stdout } = await run(python ?? '', [script, new URL(stand.gateway.url).host, key]);
    saw = JSON.parse(stdout);
  });
  afterAll(() => stand.close());

  it('finds a live, ready server and describes its models', () => {
    expect(saw).toMatchObject({
      live: true,
      ready: true,
      extensions: ['binary_tensor_data'],
      modelReady: true,
      unapprovedReady: false,
      metadata: { name: 'sums', versions: ['1'], ...summing('sums').signature },
    });
  });

  it.each(['defaults', 'json', 'jsonToBinary', 'binaryToJson', 'version', 'gzip', 'deflate'])(
    'gets the right numbers (%s)',
    (way) => {
      expect(saw[way]).toEqual([
        [6, 12],
        [22, 44],
      ]);
    },
  );

  it('gets bytes and 64-bit integers back as they were, under its request id', () => {
    expect(saw['echo']).toEqual(['seven', true]);
  });

  it('reads every refusal', () => {
    expect(saw).toMatchObject({
      wrongShape: ['400', expect.stringMatching(/"pixels".*\[-1, 4\].*\[4, 2\]/)],
      unknown: ['404', 'deployment_unknown: There is no deployment "none".'],
      unapproved: ['403', expect.stringContaining('0 of 1 required reviewer approvals')],
      keyless: ['401', expect.stringContaining('credentials_missing')],
    });
  });
});
