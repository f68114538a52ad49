/**
 * `npm run audit:privacy [-- --draws 2000000]`: tries to refute what every mechanism claims, with fresh randomness, and to
 * refute each again with a bug planted. Ends with 1 when a mechanism is refuted or a bug is not found. One JSON line each.
 */
import { parseArgs } from 'node:util';
import { SystemBits } from '@castellan/differential-privacy';
import { auditedMechanisms, auditPrivacy } from '@castellan/differential-privacy/testing';

const { values } = parseArgs({ options: { draws: { type: 'string', default: '2000000' } } });
const draws = Number(values.draws);
if (!Number.isSafeInteger(draws) || draws < 1) throw new Error('--draws is a positive integer');

const random = new SystemBits();
for (const { name, claim, runs, bug, planted } of auditedMechanisms) {
  const honest = auditPrivacy(runs(random), claim, draws);
  const broken = auditPrivacy(planted(random), claim, draws);
  const right = !honest.refuted && broken.refuted;
  console.log(
    JSON.stringify({
      mechanism: name,
      ...claim,
      epsilonAtLeast: honest.epsilonAtLeast,
      planted: bug,
      plantedEpsilonAtLeast: broken.epsilonAtLeast,
      right,
    }),
  );
  if (!right) process.exitCode = 1;
}
