import { stat } from 'node:fs/promises';
import type { Answer } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import type { Progress } from '../terminal/progress.js';
import { uploadBody } from '../publish/upload-body.js';
import { formatTable } from '../terminal/format.js';
import { fixtures, wageDeclaration } from './fixtures.js';
import type { Stage } from './stage.js';

const LIMIT = '3';

const byRegion = 'SELECT region, COUNT(*), SUM(amount) FROM wages GROUP BY region';

export interface PrivacyOutcome {
  readonly answered: boolean;
  readonly repeatIsFree: boolean;
  readonly overspendRefused: boolean;
}

/** Act 8. A real table is sealed; questions about it cost, once, and never more than there is. */
export async function tableIsProtected(
  stage: Stage,
  progress: (label: string, totalBytes: number) => Progress,
): Promise<PrivacyOutcome> {
  const { narrator, cast } = stage;
  narrator.act('Stella protects a table; Anna asks about it');
  const steward = cast.steward.api;
  const { id } = await steward.createDataset({
    project: 'default',
    name: 'wages',
    declaration: await wageDeclaration(),
    epsilonLimit: LIMIT,
  });
  const { size } = await stat(fixtures.table);
  const sending = progress('wages', size);
  const body = uploadBody(fixtures.table, (bytes) => sending.advance(bytes.length));
  await steward.putContent(id, { body });
  narrator.tell('4,360 rows of 545 people are sealed. The unit is a person; epsilon 3 is all there is.');

  const first = await answer(stage, id, byRegion, '1');
  narrator.tell(byRegion);
  narrator.tell(answerTable(first).replaceAll('\n', '\n   '));
  const answered = narrator.shown(
    first.rows.length === 4 && first.charged === '1',
    `charged epsilon ${first.charged}`,
  );
  const again = await answer(stage, id, byRegion, '1');
  const same = JSON.stringify(again.rows) === JSON.stringify(first.rows);
  const repeatIsFree = narrator.shown(
    same && again.charged === '0',
    'the same question again: the same answer, for nothing',
  );
  return { answered, repeatIsFree, overspendRefused: await overspend(stage, id) };
}

/** On a busy machine an answer may take longer than one request: the same question again picks it up, for nothing. */
function answer(stage: Stage, id: string, sql: string, epsilon: string): Promise<Answer> {
  return stage.until('the answer is there', async () => {
    try {
      return await stage.cast.analyst.api.ask(id, { sql, epsilon });
    } catch (error) {
      if (error instanceof CastellanError && error.code === 'answer_pending') return undefined;
      throw error;
    }
  });
}

/** One question beyond the budget; then fifty at once, each affordable alone, of which one fits. */
async function overspend(stage: Stage, id: string): Promise<boolean> {
  const { cast, narrator } = stage;
  const ask = async (sql: string, epsilon: string): Promise<'answered' | 'refused'> => {
    try {
      await answer(stage, id, sql, epsilon);
      return 'answered';
    } catch (error) {
      if (error instanceof CastellanError && error.code === 'budget_exhausted') return 'refused';
      throw error;
    }
  };
  const tooMuch = await ask('SELECT COUNT(*) FROM wages', '2.5');
  narrator.shown(tooMuch === 'refused', 'a question beyond what remains is refused');
  const fifty = await Promise.all(
    Array.from({ length: 50 }, (_, n) => ask(`SELECT COUNT(*) FROM wages WHERE amount > ${n * 100}`, '1.5')),
  );
  const answers = fifty.filter((outcome) => outcome === 'answered').length;
  const { spent, limit } = await cast.auditor.api.budget(id);
  narrator.shown(
    answers === 1,
    `fifty at once, each of 1.5 with 2 left: ${answers} answered, ${fifty.length - answers} refused`,
  );
  narrator.shown(Number(spent) <= Number(limit), `the ledger says ${spent} of ${limit}`);
  return tooMuch === 'refused' && answers === 1 && Number(spent) <= Number(limit);
}

function answerTable({ columns, rows }: Answer): string {
  const header = columns.map(({ name, interval95 }) =>
    interval95 === undefined ? name : `${name} (±${interval95})`,
  );
  return formatTable(
    header,
    rows.map((row) => row.map((cell) => String(cell ?? ''))),
  );
}
