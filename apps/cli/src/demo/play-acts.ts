import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Invocation } from '../invocation.js';
import type { Progress } from '../terminal/progress.js';
import type { Installation } from '../up/installation.js';
import { reviewerApproves } from './act-approval.js';
import { evidenceIsVerified } from './act-evidence.js';
import { peopleComeIntoBeing } from './act-people.js';
import { plaintextIsSearched } from './act-plaintext.js';
import { modelsPredict } from './act-prediction.js';
import { tableIsProtected } from './act-privacy.js';
import { publishModels } from './act-publish.js';
import { predictionIsRefused } from './act-refusal.js';
import { reviewerRevokes } from './act-revocation.js';
import { strangerWalks } from './act-stranger.js';
import { everythingIsTamperedWith } from './act-tampering.js';
import { judged, type DemoResult } from './demo-result.js';
import type { Narrator } from './narrator.js';
import { Stage } from './stage.js';

export interface Evening {
  readonly installation: Installation;
  readonly narrator: Narrator;
  readonly officer: KeyObject;
  /** A folder for what people take away, outside the installation's. */
  readonly workshop: string;
  readonly startedAt: Date;
  readonly secondsToReady: number;
}

/** The ten acts, in their order, on an installation that nobody has used. */
export async function playActs(
  { terminal, signal }: Invocation,
  { installation, narrator, officer, workshop, startedAt, secondsToReady }: Evening,
): Promise<{ stage: Stage; result: DemoResult }> {
  const { stack, signInSecret } = installation;
  const progress = (label: string, totalBytes: number): Progress =>
    terminal.progress(`   ${label}`, totalBytes);
  const { cast, reviewerKey } = await peopleComeIntoBeing({
    apiUrl: stack.apiUrl,
    signInSecret,
    officer,
    narrator,
  });
  const stage = new Stage(installation, narrator, cast, { officer, reviewer: reviewerKey }, signal, progress);

  const published = await publishModels(stage);
  const refusedBeforeApproval = await predictionIsRefused(stage, published);
  await reviewerApproves(stage, published);
  const { keras, onnx } = await modelsPredict(stage);
  const refusedAfterRevocation = await reviewerRevokes(stage, published);
  const bundleVerified = await evidenceIsVerified(stage, published, join(workshop, 'evidence'));
  const privacy = await tableIsProtected(stage, progress);
  const strangerSees = await strangerWalks(stage);
  const tamperCaught = await everythingIsTamperedWith(stage, published);
  const plaintextFound = await plaintextIsSearched(stage, startedAt);

  const result = judged({
    ...{ keras, onnx, refusedBeforeApproval, refusedAfterRevocation, bundleVerified, tamperCaught, privacy },
    ...{
      strangerSees,
      plaintextFound,
      secondsToReady,
      secondsTotal: Math.round(performance.now() / 100) / 10,
    },
  });
  return { stage, result };
}
