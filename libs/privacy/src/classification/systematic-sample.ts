/**
 * Every n-th row of a table of unknown length, at least `least` of them where there are so many: evenly over the whole
 * table, so that its beginning doesn't speak for all of it.
 */
export class SystematicSample<Row> {
  #rows: Row[] = [];
  #stride = 1;
  #seen = 0;

  constructor(private readonly least: number) {}

  add(row: Row): void {
    if (this.#seen++ % this.#stride !== 0) return;
    this.#rows.push(row);
    if (this.#rows.length < 2 * this.least) return;
    this.#rows = this.#rows.filter((_, at) => at % 2 === 0);
    this.#stride *= 2;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  get seen(): number {
    return this.#seen;
  }
}
