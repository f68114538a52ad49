import { readRecords } from '../declaration/table-format.js';
import type { OpenedForWork, TaskWork } from '../task/task-work.js';
import { ColumnMasks } from './column-masks.js';
import { EquivalenceClasses } from './equivalence-classes.js';
import { planMasking, type MaskingPlan } from './masking-plan.js';

const PIECE_CHARACTERS = 1 << 18;

/** A masked copy of a table, if its gates hold. Reads it twice: nothing is made before it is known that it may go. */
export const maskTable: TaskWork = async (opened) => {
  const { table, bytes, request, classification, progress, derive } = opened;
  if (request.kind !== 'mask') throw new TypeError(`not a masking request: ${request.kind}`);
  const plan = planMasking(table, classification, request);
  const masks = new ColumnMasks(plan, derive);
  const classes = new EquivalenceClasses(plan);
  for await (const record of readRecords(bytes, table)) {
    classes.add(masks.apply(record), record[plan.unitAt] ?? '');
    await progress.passed(record);
  }
  const { attained, releases } = classes.judge();
  return { summary: { kind: 'mask', ...attained }, result: maskedCsv(opened, plan, masks, releases) };
};

async function* maskedCsv(
  { table, bytes, progress }: OpenedForWork,
  plan: MaskingPlan,
  masks: ColumnMasks,
  releases: (masked: readonly string[]) => boolean,
): AsyncGenerator<Uint8Array> {
  let text = csvLine(plan.columns.map(({ name }) => name));
  for await (const record of readRecords(bytes, table)) {
    const masked = masks.apply(record);
    if (releases(masked)) text += csvLine(masked);
    await progress.passed(record);
    if (text.length < PIECE_CHARACTERS) continue;
    yield Buffer.from(text, 'utf8');
    text = '';
  }
  yield Buffer.from(text, 'utf8');
}

/** RFC 4180. */
function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`;
}
