import type { Evaluation } from '@castellan/contracts';

/**
 * Asks whoever may decide (the keybroker) whether a version may be served now, and if not, why.
 *
 * The answer is for telling people and for not asking in vain; what actually runs is decided at the release of the key.
 * Errors: kind unavailable when the keybroker does not answer.
 */
export abstract class EvaluationClient {
  abstract evaluate(versionId: string): Promise<Evaluation>;
}
