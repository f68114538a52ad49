import type { ProtectedTable } from './protected-table.js';
import { tableMalformed } from './table-malformed.js';

/** One value a unit is kept in memory while a table comes in. */
const MOST_UNITS = 4_000_000;

/**
 * Looks at every record of a table and fails with `table_malformed` when a unit has two different values in the column that
 * divides units into parts, listed or not. Names neither the unit nor the values.
 */
export class OnePartPerUnit {
  readonly #partOf = new Map<string, string>();
  readonly #unit: number;
  readonly #part: number;

  constructor(private readonly table: ProtectedTable) {
    this.#unit = table.columns.findIndex(({ name }) => name === table.privacyUnit.name);
    this.#part = table.columns.findIndex(({ name }) => name === table.partedBy?.name);
  }

  look(record: readonly string[]): void {
    const { partedBy, privacyUnit } = this.table;
    if (partedBy === undefined) return;
    const [unit = '', part = ''] = [record[this.#unit], record[this.#part]];
    if (unit === '' || part === '') return;
    const known = this.#partOf.get(unit);
    if (known === part) return;
    const column = JSON.stringify(partedBy.name);
    if (known !== undefined)
      throw tableMalformed(
        `A ${JSON.stringify(privacyUnit.name)} has two different values of ${column}, and the declaration says that none has.`,
      );
    if (this.#partOf.size === MOST_UNITS)
      throw tableMalformed(`More than ${MOST_UNITS} units can’t be checked for their ${column}.`);
    this.#partOf.set(unit, part);
  }
}
