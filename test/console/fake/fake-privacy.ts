import { createHash, randomUUID } from 'node:crypto';
import type {
  Answer,
  AnswerColumn,
  AskQuestion,
  Budget,
  Dataset,
  Denial,
  LedgerEntry,
  QueryPrice,
  ReconcileBudget,
  Synthesis,
  SynthesisRequest,
} from '@castellan/contracts';
import { FakeRefusal } from './fake-refusal.js';
import { FakeReferences } from './fake-references.js';
import { FakeSynthesis } from './fake-synthesis.js';
import { FakeTraining } from './fake-training.js';

const regions = ['northeast', 'north_central', 'south', 'west'];

/** True figures of test/fixtures/wage-panel by region: rows, and the sum of amounts clamped to 50,000. */
const truth: Readonly<Record<string, readonly [number, number]>> = {
  northeast: [829, 8_210_431.25],
  north_central: [1_126, 10_402_118.75],
  south: [1_531, 12_933_204.5],
  west: [874, 8_105_766.0],
};

const pico = (epsilon: string) => Math.round(Number(epsilon) * 1e6);
const text = (value: number) => String(value / 1e6);

/** One sealed dataset with a ledger. The noise is drawn from a digest of the question, so that a repeat gives the same. */
export class FakePrivacy {
  readonly dataset: Dataset;
  readonly synthesis: FakeSynthesis;
  readonly training = new FakeTraining();
  readonly references = new FakeReferences();
  readonly denials: Denial[] = [];
  /** Set: the ledger came from a backup then. */
  restoredAt: string | undefined;
  readonly #entries: LedgerEntry[] = [];
  readonly #answers = new Map<string, Answer>();

  constructor(
    private readonly limit: string,
    steward: string,
    createdAt: Date,
  ) {
    this.dataset = {
      id: randomUUID(),
      name: 'wages',
      project: 'default',
      steward,
      state: 'sealed',
      declarationDigest: createHash('sha256').update('wages').digest('hex'),
      sha256: '64a640a8d3478b9cf35265f2be86d51f5dcafc2e74cf08470b297d9da47e8837',
      sizeBytes: 143_210,
      createdAt: createdAt.toISOString(),
      declaration: {
        columns: [
          { name: 'person_id', type: 'id' },
          { name: 'year', type: 'category', values: Array.from({ length: 8 }, (_, at) => String(1980 + at)) },
          { name: 'region', type: 'category', values: regions },
          {
            name: 'occupation',
            type: 'category',
            values: Array.from({ length: 9 }, (_, at) => String(at + 1)),
          },
          { name: 'amount', type: 'number', lower: 0, upper: 50_000, decimals: 2 },
        ],
        privacyUnit: 'person_id',
        neighbours: 'add_remove_unit',
        maxGroupsPerUnit: 2,
        maxRowsPerGroup: 8,
        purpose: 'Earnings by region and year, for the annual report.',
      },
    };
    this.synthesis = new FakeSynthesis(this.dataset.declaration);
  }

  synthesize(request: SynthesisRequest, person: string, now: Date): Synthesis {
    const { free, epsilon } = this.synthesis.price(request, this.budget().remaining);
    const made = this.synthesis.make(request, person, now);
    const [state, createdAt] = ['committed' as const, now.toISOString()];
    const { id, question } = made;
    if (!free)
      this.#entries.push({
        id,
        question,
        person,
        project: 'default',
        epsilon,
        state,
        createdAt,
        settledAt: createdAt,
      });
    return made;
  }

  reconcile({ epsilon, reason }: ReconcileBudget, person: string, now: Date): Budget {
    if (this.restoredAt === undefined)
      throw new FakeRefusal(409, 'ledger_not_restored', 'The ledger is not from a backup.');
    const { remaining } = this.budget();
    this.restoredAt = undefined;
    this.#entries.push({
      id: randomUUID(),
      question: `Spent before the restore: ${reason}`,
      person,
      project: 'default',
      epsilon: epsilon === 'all' ? remaining : (epsilon ?? '0'),
      state: 'committed',
      createdAt: now.toISOString(),
    });
    return this.budget();
  }

  budget(): Budget {
    const spent = this.#entries.reduce((sum, { epsilon = '0' }) => sum + pico(epsilon), 0);
    return {
      dataset: this.dataset.name,
      privacyUnit: this.dataset.declaration.privacyUnit,
      accounting: 'pure',
      limit: this.limit,
      spent: text(spent),
      reserved: '0',
      remaining: text(pico(this.limit) - spent),
      ...(this.restoredAt === undefined ? {} : { restoredAt: this.restoredAt }),
      shares: [
        {
          share: { kind: 'person', name: 'wei' },
          limit: '2',
          used: text(spent),
          remaining: text(2e6 - spent),
        },
      ],
      forecast: {
        perDay: '0.25',
        days: 5,
        endsAt: '2026-12-01T09:00:00.000Z',
        daily: [
          { day: '2026-11-18', remaining: '2.6' },
          { day: '2026-11-20', remaining: '2.1' },
          { day: '2026-11-23', remaining: text(pico(this.limit) - spent) },
        ],
      },
      entries: [...this.#entries],
    };
  }

  price(question: AskQuestion): QueryPrice {
    const { sql, columns } = read(question);
    const free = this.#answers.has(keyOf(question, sql));
    const { remaining } = this.budget();
    return { epsilon: free ? '0' : text(pico(question.epsilon ?? '0')), remaining, columns, free };
  }

  ask(question: AskQuestion, person: string, now: Date): Answer {
    const { sql, columns } = read(question);
    const key = keyOf(question, sql);
    const stored = this.#answers.get(key);
    if (stored !== undefined) return { ...stored, charged: '0' };
    const epsilon = text(pico(question.epsilon ?? '0'));
    const { remaining } = this.budget();
    if (pico(epsilon) > pico(remaining)) {
      this.denials.unshift({
        at: now.toISOString(),
        person,
        question: sql,
        epsilon,
        share: { kind: 'dataset' },
        remaining,
      });
      const detail = `The question costs ${epsilon}; ${remaining} of ${this.limit} remain.`;
      throw new FakeRefusal(429, 'budget_exhausted', detail);
    }
    const entryId = randomUUID();
    const at = now.toISOString();
    this.#entries.push({
      id: entryId,
      question: sql,
      person,
      project: 'default',
      epsilon,
      state: 'committed',
      createdAt: at,
      settledAt: at,
    });
    const rows = regions.map((region) => columns.map((column, place) => cell(region, column, place, key)));
    const answer = { columns, rows, epsilon, charged: epsilon, entryId, question: sql, answeredAt: at };
    this.#answers.set(key, answer);
    return answer;
  }
}

function keyOf({ epsilon = '0' }: AskQuestion, sql: string): string {
  return `${pico(epsilon)} ${sql}`;
}

function read({ sql, epsilon = '0' }: AskQuestion): {
  readonly sql: string;
  readonly columns: AnswerColumn[];
} {
  const flat = sql.replaceAll(/\s+/g, ' ').trim();
  const [, selected] = /^select region, (.+) from wages group by region$/i.exec(flat) ?? [];
  if (selected === undefined)
    throw new FakeRefusal(
      400,
      'question_refused',
      'This fake answers only: SELECT region, … FROM wages GROUP BY region.',
    );
  if (!/^\d+(\.\d+)?$/.test(epsilon) || pico(epsilon) <= 0)
    throw new FakeRefusal(400, 'question_malformed', 'Epsilon is a positive decimal number.');
  const measures = selected.split(',').map((each): AnswerColumn => {
    const name = / as (\w+)/i.exec(each)?.[1] ?? 'value';
    const isSum = /sum/i.test(each);
    const noiseScale = (isSum ? 800_000 : 16) / Number(epsilon);
    return {
      name,
      kind: 'measure',
      mechanism: 'discrete Laplace',
      sensitivity: isSum ? 800_000 : 16,
      noiseScale,
      interval95: Math.round(noiseScale * 3 * 100) / 100,
      epsilon: String(Number(epsilon) / 2),
    };
  });
  return { sql: flat, columns: [{ name: 'region', kind: 'key' }, ...measures] };
}

function cell(region: string, column: AnswerColumn, place: number, key: string): string | number {
  if (column.kind === 'key') return region;
  const figure = truth[region]?.[(column.sensitivity ?? 0) > 100 ? 1 : 0] ?? 0;
  const drawn = createHash('sha256').update(`${key} ${region} ${place}`).digest().readInt32BE() / 2 ** 31;
  return Math.round(figure + (drawn * (column.interval95 ?? 0)) / 2);
}
