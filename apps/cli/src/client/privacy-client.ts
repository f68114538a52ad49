import {
  Budget,
  DenialList,
  QuestionPlan,
  type ExplainQuestion,
  type ReconcileBudget,
} from '@castellan/contracts';
import type { HttpConnection } from './http-connection.js';

/** The ledger of one dataset, and what its questions become. */
export class PrivacyClient {
  readonly #path: string;

  constructor(
    private readonly connection: HttpConnection,
    dataset: string,
  ) {
    this.#path = `/api/v1/datasets/${encodeURIComponent(dataset)}`;
  }

  plan(question: ExplainQuestion) {
    return this.connection.json(QuestionPlan, 'POST', `${this.#path}/plan`, { json: question });
  }

  denials() {
    return this.connection.json(DenialList, 'GET', `${this.#path}/denials`);
  }

  reconcile(request: ReconcileBudget) {
    const path = `${this.#path}/budget/reconciliation`;
    return this.connection.json(Budget, 'POST', path, { json: request });
  }
}
