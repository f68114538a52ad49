import { digitsExpectations } from './fixtures.js';
import type { Published } from './act-publish.js';
import type { Stage } from './stage.js';

/** Act 3. Both are deployed, and nothing is served: nobody has approved them. The refusal says so. */
export async function predictionIsRefused(stage: Stage, { keras, onnx }: Published): Promise<boolean> {
  const { narrator } = stage;
  narrator.act('A prediction before anybody approved');
  await stage.deploy(keras, 'digits');
  await stage.deploy(onnx, 'speech');
  const { inputs } = await digitsExpectations();
  const refusal = await stage.until('the gateway refuses "digits"', async () => {
    const met = await stage.refusalOf('digits', inputs.slice(0, 1));
    // A moment passes before the gateway has heard of a new deployment, and of the keybroker's word about it.
    return met?.code === 'not_ready' || met?.code === 'deployment_unknown' ? undefined : (met ?? 'answered');
  });
  if (refusal === 'answered') return narrator.shown(false, 'it was answered');
  return narrator.shown(refusal.code === 'not_approved', `refused: ${refusal.publicDetail}`);
}
