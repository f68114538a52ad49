import { randomUUID } from 'node:crypto';
import type {
  DatasetDeclaration,
  Synthesis,
  SynthesisFigures,
  SynthesisPrice,
  SynthesisRequest,
} from '@castellan/contracts';
import { FakeRefusal } from './fake-refusal.js';

/** Synthetic tables of the fake dataset: made at once, all counts invented. */
export class FakeSynthesis {
  readonly #made: Synthesis[] = [];

  constructor(private readonly declaration: DatasetDeclaration) {}

  get list(): readonly Synthesis[] {
    return this.#made;
  }

  price({ epsilon, rowsPerUnit, columns = [] }: SynthesisRequest, remaining: string): SynthesisPrice {
    if (!/^\d+(\.\d+)?$/.test(epsilon))
      throw new FakeRefusal(400, 'epsilon_malformed', 'Epsilon is a positive decimal number.');
    const noiseScale = (3 * columns.length * rowsPerUnit) / Number(epsilon);
    const single = { mechanism: 'discrete_laplace', noiseScale, interval95: Math.ceil(3 * noiseScale) };
    const free = this.#made.some((made) => made.epsilon === epsilon);
    return {
      epsilon: free ? '0' : epsilon,
      remaining,
      free,
      rowsPerUnit,
      columns: columns.map((name) => ({ name, values: this.valuesOf(name).length })),
      single: { ...single, marginals: columns.length },
      pair: { ...single, marginals: columns.length - 1 },
      candidates: (columns.length * (columns.length - 1)) / 2,
    };
  }

  make({ epsilon, columns = [] }: SynthesisRequest, person: string, now: Date): Synthesis {
    const known = this.#made.find((made) => made.epsilon === epsilon);
    if (known) return known;
    const made: Synthesis = {
      id: randomUUID(),
      dataset: 'wages',
      person,
      question: `SYNTHESIZE ${columns.join(', ')} FROM wages`,
      epsilon,
      state: 'done',
      createdAt: now.toISOString(),
      rows: 4_360,
      pairs: columns.slice(1).map((name): [string, string] => [columns[0] ?? '', name]),
      card: { definition: 'pure differential privacy', epsilon },
    };
    this.#made.unshift(made);
    return made;
  }

  figures(): SynthesisFigures {
    const columns = ['year', 'region', 'occupation'].map((name) => ({
      name,
      counts: this.valuesOf(name).map((value, at) => ({
        value,
        released: 400 + 37 * at,
        synthetic: 410 + 35 * at,
      })),
    }));
    return { rows: 4_360, interval95: 24, columns };
  }

  private valuesOf(name: string): string[] {
    const column = this.declaration.columns.find((candidate) => candidate.name === name);
    return column?.type === 'category' ? column.values : [];
  }
}
