import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment, PredictResponse } from '@castellan/contracts';
import { z } from 'zod';
import { FakeRefusal } from './fake-refusal.js';
import type { FakeRegistry } from './fake-registry.js';

const fixture = join(import.meta.dirname, '../../fixtures/digits/expected.json');
const Digits = z.object({ inputs: z.array(z.array(z.number())), labels: z.array(z.number()) });
const DigitsInput = z.array(z.array(z.number()).length(64)).min(1);

/** Deployments whose phase follows the signatures; "predicts" by the nearest of the real fixture's handwritten digits. */
export class FakeServing {
  readonly #deployments: {
    name: string;
    ref: string;
    desired: 'running' | 'stopped';
    createdAt: string;
    id: string;
  }[] = [];
  readonly #digits = Digits.parse(JSON.parse(readFileSync(fixture, 'utf8')));

  constructor(private readonly registry: FakeRegistry) {}

  deploy(name: string, ref: string, now: Date): Deployment {
    this.registry.version(ref);
    const before = this.#deployments.find((each) => each.name === name);
    if (before === undefined)
      this.#deployments.push({
        name,
        ref,
        desired: 'running',
        createdAt: now.toISOString(),
        id: randomUUID(),
      });
    else Object.assign(before, { ref, desired: 'running' });
    return this.show(name, now);
  }

  stop(name: string): void {
    this.#find(name).desired = 'stopped';
  }

  list(now: Date): Deployment[] {
    return this.#deployments.map(({ name }) => this.show(name, now));
  }

  show(name: string, now: Date): Deployment {
    const { id, ref, desired, createdAt } = this.#find(name);
    const version = this.registry.version(ref);
    const { allowed, reasons } = this.registry.evaluate(ref, now);
    const refused: Pick<Deployment, 'phase' | 'reason' | 'message'> = {
      phase: 'refused',
      ...reasons.slice(0, 1).map(({ code, detail }) => ({ reason: code, message: detail }))[0],
    };
    const ready: Pick<Deployment, 'phase' | 'signature'> = {
      phase: 'ready',
      signature: {
        inputs: [{ name: 'dense_input', datatype: 'FP32', shape: [-1, 64] }],
        outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 10] }],
      },
    };
    return {
      id,
      name,
      project: version.project,
      model: version.model,
      number: version.number,
      versionId: version.id,
      ...(version.digest === undefined ? {} : { versionDigest: version.digest }),
      desired,
      ...(desired === 'stopped' ? { phase: 'stopped' as const } : allowed ? ready : refused),
      createdAt,
      updatedAt: now.toISOString(),
    };
  }

  predict(name: string, input: unknown, now: Date): PredictResponse {
    const { phase, message, model, number, versionDigest } = this.show(name, now);
    if (phase !== 'ready') throw new FakeRefusal(403, 'not_approved', message ?? 'Not approved.');
    const rows = DigitsInput.safeParse(input);
    if (!rows.success)
      throw new FakeRefusal(
        400,
        'tensor_invalid',
        'Input dense_input: expected FP32 [-1, 64], given another shape.',
      );
    return {
      output: rows.data.map((row) => this.#probabilities(row)),
      model,
      version: number,
      versionDigest: versionDigest ?? '',
    };
  }

  #probabilities(row: readonly number[]): number[] {
    const weights = Array.from({ length: 10 }, () => 1e-6);
    this.#digits.inputs.forEach((input, at) => {
      const distance = input.reduce((sum, pixel, each) => sum + (pixel - (row[each] ?? 0)) ** 2, 0);
      const label = this.#digits.labels[at] ?? 0;
      weights[label] = (weights[label] ?? 0) + Math.exp(-distance / 250);
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  }

  #find(name: string) {
    const found = this.#deployments.find((each) => each.name === name);
    if (found === undefined)
      throw new FakeRefusal(404, 'deployment_unknown', `There is no deployment "${name}".`);
    return found;
  }
}
