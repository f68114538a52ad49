import { revocationOf } from '../documents/decision-on.js';
import { signDocument } from '../documents/sign-document.js';
import { digitsExpectations } from './fixtures.js';
import type { Published } from './act-publish.js';
import type { Stage } from './stage.js';

/** Act 6. The reviewer takes her word back; the worker's lease ends, and the gateway refuses again. */
export async function reviewerRevokes(stage: Stage, { keras }: Published): Promise<boolean> {
  const { narrator, cast, keys } = stage;
  narrator.act('Rita revokes');
  const { api, name: person } = cast.reviewer;
  const reason = 'Somebody held the page upside down.';
  const payload = revocationOf(await api.review(keras.id), { person, reason, issuedAt: new Date() });
  await api.submitDocument(signDocument(payload, keys.reviewer));
  const signedAt = performance.now();
  const { inputs } = await digitsExpectations();
  const refusal = await stage.until('the gateway refuses "digits" again', async () => {
    const met = await stage.refusalOf('digits', inputs.slice(0, 1));
    return met?.code === 'not_approved' ? met : undefined;
  });
  const seconds = ((performance.now() - signedAt) / 1000).toFixed(1);
  return narrator.shown(true, `refused after ${seconds} s: ${refusal.publicDetail}`);
}
