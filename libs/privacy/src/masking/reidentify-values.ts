import type { MaskingRequest, Reidentification, ReidentifiedValues } from '@castellan/contracts';
import { readRecords } from '../declaration/table-format.js';
import { PrivacyError } from '../privacy-error.js';
import type { TaskWork } from '../task/task-work.js';
import { cipherOf, tokensOf, type DeriveSecret } from './column-masks.js';

/** A column of a masked copy whose values the dataset's key leads back to what they were. */
type ReversibleMask = Extract<
  MaskingRequest['columns'][number]['mask'],
  { operator: 'token' } | { operator: 'encrypt' }
>;

/** @throws reidentification_refused when the copy has no such column, or one that nothing leads back from */
export function reversibleMask(copy: MaskingRequest, column: string): ReversibleMask {
  const mask = copy.columns.find(({ name }) => name === column)?.mask;
  if (mask?.operator === 'token' || mask?.operator === 'encrypt') return mask;
  throw new PrivacyError('reidentification_refused', {
    kind: 'invalid',
    publicDetail: `${JSON.stringify(column)} of this copy holds neither tokens nor encrypted values: nothing leads back from it.`,
  });
}

/**
 * What some values of a masked copy were before. Reads the table once and says only what stands in the named column of it: so
 * neither other columns of the same rows, nor what an encrypted text of another table would open to.
 */
export const reidentifyValues: TaskWork = async ({ table, bytes, request, progress, derive, requestOf }) => {
  if (request.kind !== 'reidentify') throw new TypeError(`not a re-identification: ${request.kind}`);
  const copy = await requestOf(request.copy);
  if (copy?.kind !== 'mask') throw new TypeError('the copy is not one');
  const masked = maskedForm(request, reversibleMask(copy, request.column), derive);
  const at = table.columns.findIndex(({ name }) => name === request.column);
  const found = new Map<string, string>();
  for await (const record of readRecords(bytes, table)) {
    const original = record[at] ?? '';
    const value = original === '' ? undefined : masked(original);
    if (value !== undefined) found.set(value, original);
    await progress.passed(record);
  }
  const values: ReidentifiedValues = {
    format: 'castellan.reidentification/v1',
    column: request.column,
    values: request.values.map((value) => ({ value, original: found.get(value) ?? null })),
  };
  const { column, copy: from, values: asked } = request;
  return {
    summary: { kind: 'reidentify', column, copy: from, asked: asked.length },
    result: [Buffer.from(JSON.stringify(values), 'utf8')],
  };
};

/** The masked form of an original, if it is one of those that are asked about. */
function maskedForm(
  { column, values }: Reidentification,
  mask: ReversibleMask,
  derive: DeriveSecret,
): (original: string) => string | undefined {
  if (mask.operator === 'token') {
    const asked = new Set(values);
    const tokens = tokensOf(derive);
    return (original) => {
      const value = tokens(original);
      return asked.has(value) ? value : undefined;
    };
  }
  // Decrypting the few is cheaper than encrypting them all.
  const cipher = cipherOf(column, mask.alphabet, derive);
  const originals = new Map(values.map((value) => [cipher.reveal(value), value]));
  return (original) => originals.get(original);
}
