import { TOLERANCE, type Comparison } from './act-prediction.js';
import type { PrivacyOutcome } from './act-privacy.js';
import type { TamperOutcome } from './act-tampering.js';

/** What each act showed. */
export interface Showing {
  readonly keras: Comparison;
  readonly onnx: Comparison;
  readonly refusedBeforeApproval: boolean;
  readonly refusedAfterRevocation: boolean;
  readonly bundleVerified: boolean;
  readonly tamperCaught: TamperOutcome;
  readonly privacy: PrivacyOutcome;
  readonly strangerSees: number;
  readonly plaintextFound: number;
  readonly secondsToReady: number;
  readonly secondsTotal: number;
}

/** The last line of `castellan up --demo --exit --json`. */
export type DemoResult = { readonly ok: boolean } & Showing;

/** Everything as it must be, or not ok. */
export function judged(showing: Showing): DemoResult {
  const { keras, onnx, tamperCaught, privacy } = showing;
  const ok =
    [keras, onnx].every(({ maxError }) => maxError <= TOLERANCE) &&
    [showing.refusedBeforeApproval, showing.refusedAfterRevocation, showing.bundleVerified].every(Boolean) &&
    [...Object.values(tamperCaught), ...Object.values(privacy)].every(Boolean) &&
    showing.strangerSees === 0 &&
    showing.plaintextFound === 0;
  return { ok, ...showing };
}

export function describeResult({ ok, secondsToReady, secondsTotal }: DemoResult): string {
  const outcome = ok ? 'All ten acts came out as they must.' : 'Something did not come out as it must.';
  return `${outcome} Ready after ${secondsToReady} s, done after ${secondsTotal} s.`;
}
