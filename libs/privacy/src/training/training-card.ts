import { canonicalize } from '@castellan/canonical-json';
import { NOISE_PARTS, RATE_PARTS, toNumber } from '@castellan/differential-privacy';
import { parameterCount, type BaseFit } from '@castellan/keras';
import { epsilonPaidBy } from '../ledger/accounting.js';
import { deltaText } from '../ledger/atto-delta.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import type { ReleaseCard } from '../measurement/release-card.js';
import { z } from 'zod';
import { describeFeatures } from './feature-table.js';
import type { PreparedTraining, TrainingCost } from './prepare-training.js';

/** What of a base was trained and what stayed as it was. */
export const TrainedLayers = z.object({ parameters: z.number(), trained: z.string(), frozen: z.string() });
export type TrainedLayers = z.infer<typeof TrainedLayers>;

export function layersOf({ shape, trained, frozen }: BaseFit): TrainedLayers {
  return { parameters: parameterCount(shape), trained: trained.join('; '), frozen: frozen.join('; ') };
}

/** How a model was trained privately: goes into the version's files, the audit log and the console. Public throughout. */
export function trainingCard(
  prepared: PreparedTraining,
  { costPico, costAtto }: TrainingCost,
  layers?: TrainedLayers,
): ReleaseCard {
  const { known, mechanism, wanted, table, accounted, dataset } = prepared;
  const { inputs, outputs } = describeFeatures(table);
  return {
    format: 'castellan.training-card/v1',
    definition: 'approximate differential privacy',
    ...(known.table.accounting === 'pure'
      ? { epsilon: epsilonText(costPico) }
      : { epsilon: toNumber(epsilonPaidBy('zcdp', costPico)), rho: epsilonText(costPico) }),
    delta: deltaText(costAtto),
    accountedEpsilon: accounted.epsilon,
    accountedByRenyi: accounted.renyiEpsilon,
    neighbours: known.document.declaration.neighbours,
    unit: known.table.privacyUnit.name,
    model: 'central',
    composition: 'privacy loss distribution of a Poisson-sampled Gaussian',
    method: 'DP-SGD: exact integer clipping and discrete Gaussian noise',
    citation: 'arXiv:1607.00133',
    dataset: dataset.name,
    table: dataset.sha256 ?? '',
    declaration: known.digest,
    question: prepared.text,
    questionDigest: prepared.digest,
    samplingRate: mechanism.rateParts / RATE_PARTS,
    noise: mechanism.noiseParts / NOISE_PARTS,
    clip: wanted.clip,
    steps: mechanism.steps,
    parameters: layers?.parameters ?? mechanism.parameters,
    rowsPerUnit: wanted.rowsPerUnit,
    optimiser: wanted.optimiser,
    learningRate: wanted.learningRate,
    l1: wanted.l1,
    l2: wanted.l2,
    inputs: inputs.join('; '),
    outputs: outputs.join('; '),
    ...augmentCard(prepared),
    ...baseCard(prepared, layers),
  };
}

function augmentCard({ augment, wanted }: PreparedTraining): ReleaseCard {
  if (augment === undefined) return {};
  const { height, width, channels } = augment.image;
  return {
    image: `${height} × ${width} × ${channels}`,
    augment: canonicalize(wanted.augment ?? []),
    augmentCopies: augment.copies,
    augmentBound:
      'a unit’s gradient is the mean over all copies of its own rows, clipped once (arXiv:2204.13650)',
  };
}

/** Where a base comes from, and what the epsilon above does not speak of. */
function baseCard({ wanted }: PreparedTraining, layers: TrainedLayers | undefined): ReleaseCard {
  if (wanted.base === undefined) return {};
  return {
    base: wanted.base.ref,
    baseDigest: wanted.base.digest,
    ...(layers && { trainedLayers: layers.trained, frozenLayers: layers.frozen }),
    baseCharge:
      'not in this epsilon: what training the base cost on this table is an entry of its own in the same ledger; what the base learnt of other data is not covered here',
  };
}
