export { chiSquaredScore, kolmogorovSmirnovScore } from './goodness-of-fit.js';
export { SeededBits } from './seeded-bits.js';
