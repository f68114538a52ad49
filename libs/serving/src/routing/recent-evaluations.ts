import type { Evaluation } from '@castellan/contracts';
import type { EvaluationClient } from './evaluation-client.js';

const RECENT_MS = 1_000;

/** The keybroker's judgements, each asked for at most once a second. Versions that nobody asks about are forgotten. */
export class RecentEvaluations {
  readonly #recent = new Map<string, { readonly at: number; readonly evaluation: Evaluation | undefined }>();

  constructor(
    private readonly client: EvaluationClient,
    private readonly now: () => number,
  ) {}

  /** By version id; a version is missing from the answer while the keybroker can't be asked. Never rejects. */
  async of(versionIds: ReadonlySet<string>): Promise<ReadonlyMap<string, Evaluation>> {
    for (const versionId of this.#recent.keys())
      if (!versionIds.has(versionId)) this.#recent.delete(versionId);
    const found = new Map<string, Evaluation>();
    await Promise.all(
      Array.from(versionIds, async (versionId) => {
        const evaluation = await this.#one(versionId);
        if (evaluation !== undefined) found.set(versionId, evaluation);
      }),
    );
    return found;
  }

  async #one(versionId: string): Promise<Evaluation | undefined> {
    const recent = this.#recent.get(versionId);
    if (recent !== undefined && this.now() - recent.at < RECENT_MS) return recent.evaluation;
    const evaluation = await this.client.evaluate(versionId).catch(() => undefined);
    this.#recent.set(versionId, { at: this.now(), evaluation });
    return evaluation;
  }
}
