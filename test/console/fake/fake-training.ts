import { randomUUID } from 'node:crypto';
import type { Training, TrainingPrice, TrainingRequest } from '@castellan/contracts';
import { FakeRefusal } from './fake-refusal.js';

/** Trainings on the fake dataset: always half-way, until somebody stops them. */
export class FakeTraining {
  readonly #trainings: Training[] = [];

  get list(): readonly Training[] {
    return this.#trainings;
  }

  price({ epsilon, delta, base }: TrainingRequest, remaining: string): TrainingPrice {
    if (!/^\d+(\.\d+)?$/.test(epsilon))
      throw new FakeRefusal(400, 'epsilon_malformed', 'Epsilon is a positive decimal number.');
    if (base !== undefined && !base.includes('@'))
      throw new FakeRefusal(404, 'base_unknown', 'There is no finished version of that name.');
    return {
      epsilon,
      delta,
      remaining,
      remainingDelta: '1e-5',
      free: false,
      noise: 2.5,
      accounted: Number(epsilon) * 0.99,
      accountedByRenyi: Number(epsilon) * 1.1,
      parameters: 452,
      inputs: 21,
      outputs: 4,
      ...(base && { base }),
    };
  }

  train({ epsilon, delta, steps, model, base }: TrainingRequest, person: string, now: Date): Training {
    const training: Training = {
      id: randomUUID(),
      dataset: 'wages',
      person,
      question: `TRAIN ${model}`,
      epsilon,
      delta,
      state: 'running',
      cancelling: false,
      ...(base && { base }),
      createdAt: now.toISOString(),
      steps,
      points: Array.from({ length: 50 }, (_, at) => ({
        step: 2 * at + 2,
        gradientNorm: 0.4 + 0.1 * Math.sin(at),
        loss: 1.4 * Math.exp(-at / 30),
        accuracy: 0.25 + at / 100,
      })),
    };
    this.#trainings.unshift(training);
    return training;
  }

  cancel(id: string): Training {
    const at = this.#trainings.findIndex((training) => training.id === id);
    const training = this.#trainings[at];
    if (training === undefined) throw new FakeRefusal(404, 'training_unknown', 'There is no such training.');
    const stopped: Training = { ...training, state: 'failed', failure: 'cancelled', cancelling: true };
    this.#trainings[at] = stopped;
    return stopped;
  }
}
