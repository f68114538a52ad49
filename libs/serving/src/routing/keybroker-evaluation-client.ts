import type { Evaluation } from '@castellan/contracts';
import type { KeybrokerClient } from '@castellan/keybroker-client';
import { EvaluationClient } from './evaluation-client.js';

export class KeybrokerEvaluationClient extends EvaluationClient {
  constructor(private readonly keybroker: KeybrokerClient) {
    super();
  }

  evaluate(versionId: string): Promise<Evaluation> {
    return this.keybroker.evaluate(versionId);
  }
}
