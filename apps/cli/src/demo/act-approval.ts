import type { Published } from './act-publish.js';
import type { Stage } from './stage.js';

export interface Approvals {
  /** Digest of the approval of the Keras model. */
  readonly keras: string;
}

/** Act 4. The reviewer signs; the keybroker checks the signatures itself, and the worker gets the keys. */
export async function reviewerApproves(stage: Stage, { keras, onnx }: Published): Promise<Approvals> {
  const { narrator } = stage;
  narrator.act('Rita reviews, and signs');
  const digest = await stage.approve(keras, 'Held-out accuracy looked at; the scan is clean.');
  await stage.approve(onnx, 'A known public model; the digest is the published one.');
  narrator.tell(
    'Each signature covers the version digest, the policy, the scan report, her reason and an end.',
  );
  narrator.tell('The worker asks; the keybroker verifies the signatures and seals the keys to it.');
  for (const name of ['digits', 'speech']) {
    const { phase, message } = await stage.untilPhase(name, ['ready', 'failed']);
    narrator.shown(phase === 'ready', `${name} is ${phase}${message === undefined ? '' : `: ${message}`}`);
  }
  return { keras: digest };
}
