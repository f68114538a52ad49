export { DifferentialPrivacyError, type DifferentialPrivacyErrorCode } from './differential-privacy-error.js';
export {
  add,
  ceiling,
  compare,
  divide,
  multiply,
  rational,
  toNumber,
  toText,
  type Rational,
} from './rational.js';
export { LARGEST_EPSILON, PICO_PER_EPSILON, SMALLEST_EPSILON, parseEpsilon, picoEpsilon } from './epsilon.js';
export { ATTO_PER_DELTA, LARGEST_DELTA, SMALLEST_DELTA, attoDelta, parseDelta } from './delta.js';
export { PooledBits, RandomBits } from './randomness/random-bits.js';
export { SystemBits } from './randomness/system-bits.js';
export { bernoulli, bernoulliExp } from './sampling/bernoulli.js';
export { sampleDiscreteGaussian } from './sampling/discrete-gaussian.js';
export { sampleDiscreteLaplace } from './sampling/discrete-laplace.js';
export { sampleGeometric } from './sampling/geometric.js';
export { uniformBelow } from './sampling/uniform.js';
export { type IntegerMechanism, type NeighbouringRelation, type PrivacyLoss } from './mechanism/mechanism.js';
export {
  DiscreteGaussianMechanism,
  type SquaredSensitivity,
} from './mechanism/discrete-gaussian-mechanism.js';
export {
  DiscreteLaplaceMechanism,
  type AbsoluteSensitivity,
} from './mechanism/discrete-laplace-mechanism.js';
export { composeBasic, type ApproximateLoss } from './accounting/composition.js';
export {
  composedGaussianNoise,
  deltaOfGaussian,
  epsilonOfGaussian,
  noiseOfGaussian,
} from './accounting/gaussian.js';
export {
  boundedRangeRenyi,
  composeRenyi,
  deltaOfRenyi,
  epsilonOfRenyi,
  gaussianRenyi,
  laplaceRenyi,
  RENYI_ORDERS,
  sampledGaussianRenyi,
  type AtOrder,
  type RenyiCurve,
} from './accounting/renyi.js';
export { rootAbove, rootBelow } from './rational-root.js';
export { parseRho, PICO_PER_RHO, picoRho } from './rho.js';
export { deltaOfRho, epsilonOfRho, rhoOfBoundedRange, rhoOfPure } from './accounting/zero-concentrated.js';
export {
  deltaPerKey,
  discreteLaplaceTail,
  discreteLaplaceThreshold,
  gaussianThreshold,
  laplaceThreshold,
  type KeyBounds,
} from './selection/noise-threshold.js';
export { keepProbability } from './selection/truncated-geometric.js';
export { PrivateSelection, type ScoreSensitivity } from './selection/private-selection.js';
export { RandomisedResponse } from './mechanism/randomised-response.js';
export { randomOrder } from './sampling/random-order.js';
export { calibrateNoise, LossAccount } from './accounting/loss-account.js';
export {
  laplaceProfile,
  sampledGaussianProfile,
  type PrivacyProfile,
  type ProfilePair,
} from './accounting/privacy-profile.js';
export { ExactMarginals, type MarginalRelease, type ReleasedPair } from './synthesis/exact-marginals.js';
export { publicDraws, sampleTable, type PublicDraws } from './synthesis/sample-table.js';
export { planSynthesis, type ColumnPair, type SynthesisPlan } from './synthesis/synthesis-plan.js';
export { fitTree, type TreeModel } from './synthesis/tree-model.js';
export { NoisyGradient } from './training/noisy-gradient.js';
export {
  calibrateTraining,
  LARGEST_TRAINING_EPSILON,
  NOISE_PARTS,
  RATE_PARTS,
  SMALLEST_TRAINING_DELTA,
  trainingLoss,
  type TrainingLoss,
  type TrainingMechanism,
} from './training/training-loss.js';
