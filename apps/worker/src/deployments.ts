import type { WorkerDeploymentState } from '@castellan/contracts';
import type { Tensor } from '@castellan/tensors';
import { Injectable } from '@nestjs/common';
import { type DeploymentMeans, PlacedDeployment } from './placed-deployment.js';
import { WorkerError } from './worker-error.js';

/** What this worker was given to serve. */
@Injectable()
export class Deployments {
  readonly #placed = new Map<string, PlacedDeployment>();

  constructor(private readonly means: DeploymentMeans) {}

  get states(): WorkerDeploymentState[] {
    return [...this.#placed.values()].map(({ state }) => state);
  }

  /** Idempotent; one that was refused or failed is tried again, one of another version makes way first. */
  async place(name: string, versionId: string): Promise<WorkerDeploymentState> {
    const before = this.#placed.get(name);
    if (before !== undefined && before.versionId === versionId && before.isAlive) return before.state;
    const placed = new PlacedDeployment(name, versionId, this.means, before?.stop());
    this.#placed.set(name, placed);
    return placed.state;
  }

  /** Idempotent. Resolves when the weights are gone. */
  async remove(name: string): Promise<void> {
    const placed = this.#placed.get(name);
    this.#placed.delete(name);
    await placed?.stop();
  }

  infer(name: string, inputs: readonly Tensor[]): ReturnType<PlacedDeployment['infer']> {
    const placed = this.#placed.get(name);
    if (placed !== undefined) return placed.infer(inputs);
    throw new WorkerError('deployment_unknown', {
      kind: 'not_found',
      publicDetail: `This worker was not given a deployment "${name}".`,
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#placed.keys()].map((name) => this.remove(name)));
  }
}
