import { Training, TrainingList, TrainingPrice, type TrainingRequest } from '@castellan/contracts';
import type { HttpConnection } from './http-connection.js';

/** Private trainings on one dataset. */
export class TrainingClient {
  readonly #path: string;

  constructor(
    private readonly connection: HttpConnection,
    dataset: string,
  ) {
    this.#path = `/api/v1/datasets/${encodeURIComponent(dataset)}/trainings`;
  }

  price(request: TrainingRequest) {
    return this.connection.json(TrainingPrice, 'POST', `${this.#path}/price`, { json: request });
  }

  start(request: TrainingRequest) {
    return this.connection.json(Training, 'POST', this.#path, { json: request });
  }

  list() {
    return this.connection.json(TrainingList, 'GET', this.#path);
  }

  show(id: string) {
    return this.connection.json(Training, 'GET', `${this.#path}/${encodeURIComponent(id)}`);
  }

  cancel(id: string) {
    const path = `${this.#path}/${encodeURIComponent(id)}/cancel`;
    return this.connection.json(Training, 'POST', path, { json: {} });
  }
}
