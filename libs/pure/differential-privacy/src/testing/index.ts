export { auditedMechanisms, type AuditedMechanism } from './audited-mechanisms.js';
export { chiSquaredScore, kolmogorovSmirnovScore } from './goodness-of-fit.js';
export { auditPrivacy, type AuditResult, type NeighbouringRuns, type PrivacyClaim } from './privacy-audit.js';
export { SeededBits } from './seeded-bits.js';
export { addClipped, CLIP_STEPS } from '../training/clipped-gradient.js';
