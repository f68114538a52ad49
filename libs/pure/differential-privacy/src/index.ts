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
