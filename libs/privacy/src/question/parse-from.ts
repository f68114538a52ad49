import type { ProtectedColumn, ProtectedTable } from '../declaration/protected-table.js';
import type { KnownPublicTable } from '../declaration/public-table.js';
import type { Join } from './question.js';
import { allowOnly, nodes, refused, syntax, text, type Syntax } from './syntax.js';

const kindsOfJoin: Readonly<Record<string, string>> = {
  JOIN_LEFT: 'LEFT JOIN',
  JOIN_RIGHT: 'RIGHT JOIN',
  JOIN_FULL: 'FULL JOIN',
};

/**
 * Reads `FROM protected [JOIN public ON protected.column = public.key] …`, in any order. A public table's key is unique, so
 * a join is a function of the single row and changes no bound; a row without a match is left out.
 * Fails with `question_refused`, naming the clause.
 */
export class FromClause {
  private alias = '';
  private readonly joined = new Map<string, KnownPublicTable>();
  private readonly conditions: Syntax[] = [];

  constructor(
    [from, second]: readonly Syntax[],
    private readonly table: ProtectedTable,
  ) {
    if (!from) throw refused('FROM', `name the table: FROM ${JSON.stringify(table.name)}.`);
    if (second) throw refused('JOIN', 'tables are joined with JOIN … ON, not with a comma.');
    this.readPart(from);
    if (this.alias === '')
      throw refused('FROM', `this question goes to the table ${JSON.stringify(table.name)}.`);
  }

  /** By the names of the public tables, so that the order in which they were written makes no other question. */
  joins(): readonly Join[] {
    const joins = this.conditions.map((condition) => this.readOn(condition));
    if (
      new Set(joins.map(({ table }) => table)).size !== this.joined.size ||
      joins.length !== this.joined.size
    )
      throw refused('JOIN', 'every public table is joined once, ON its key.');
    return joins.toSorted((a, b) => (a.table < b.table ? -1 : 1));
  }

  /** The column that `name`, `table.name` or `alias.name` means. A public table's key is none: it says what ours says. */
  find(names: readonly string[]): ProtectedColumn | undefined {
    const [first = '', second] = names;
    const named = (columns: readonly ProtectedColumn[], column: string | undefined) =>
      columns.find(({ name }) => name === column);
    if (names.length === 1)
      return named(
        [this.table, ...this.joined.values()].flatMap(({ columns }) => columns),
        first,
      );
    if (names.length !== 2) return undefined;
    return named((first === this.alias ? this.table : this.joined.get(first))?.columns ?? [], second);
  }

  private readPart(part: Syntax): void {
    if (part.tag === 'RangeSubselect') throw refused('FROM', 'subqueries can’t be made private here.');
    if (part.tag === 'JoinExpr') this.readJoin(part.body);
    else if (part.tag === 'RangeVar') this.readTable(part.body);
    else throw refused('FROM', 'a question reads one protected table, and public ones by JOIN.');
  }

  private readJoin(body: Syntax['body']): void {
    const kind = kindsOfJoin[String(body['jointype'])];
    if (kind !== undefined)
      throw refused(kind, 'rows without a match are left out: use JOIN … ON protected.column = public.key.');
    if (body['isNatural'] === true) throw refused('NATURAL JOIN', 'say ON protected.column = public.key.');
    allowOnly(body, ['jointype', 'larg', 'rarg', 'quals', 'rtindex'], (field) =>
      field === 'usingClause' ? 'USING' : 'JOIN',
    );
    if (body['quals'] === undefined) throw refused('CROSS JOIN', 'say ON protected.column = public.key.');
    this.readPart(syntax(body['larg']));
    this.readPart(syntax(body['rarg']));
    this.conditions.push(syntax(body['quals']));
  }

  private readTable(body: Syntax['body']): void {
    allowOnly(body, ['relname', 'inh', 'relpersistence', 'alias', 'location'], () => 'FROM');
    const name = String(body['relname']);
    const alias = readAlias(body['alias']) ?? name;
    if (alias === this.alias || this.joined.has(alias))
      throw refused('FROM', `${JSON.stringify(alias)} is named twice.`);
    if (name === this.table.name) {
      if (this.alias !== '') throw refused('JOIN', 'a table can’t be joined to itself privately here.');
      this.alias = alias;
      return;
    }
    const found = this.table.publicTables.find((candidate) => candidate.name === name);
    if (!found)
      throw refused(
        'FROM',
        `this question goes to the table ${JSON.stringify(this.table.name)}, which declares no public table ${JSON.stringify(name)}.`,
      );
    this.joined.set(alias, found);
  }

  /** `protected.column = public.key`, either way round. */
  private readOn({ tag, body }: Syntax): Join {
    const [operator, more] = nodes(body['name']).map(text);
    if (tag !== 'A_Expr' || body['kind'] !== 'AEXPR_OP' || operator !== '=' || more !== undefined)
      throw refused('ON', 'a join compares one protected column with one public key.');
    const sides = [syntax(body['lexpr']), syntax(body['rexpr'])].map((side) =>
      nodes(side.body['fields']).map(text),
    );
    const [table] = sides.flatMap((names) => this.keyOf(names) ?? []);
    const [column] = sides.flatMap((names) => (this.keyOf(names) ? [] : (this.find(names) ?? [])));
    if (!table || !column || !this.table.columns.includes(column))
      throw refused('ON', 'a join compares one protected column with one public key, both as table.column.');
    if (column.kind !== 'category' && column.kind !== 'text')
      throw refused('ON', `${JSON.stringify(column.name)} is not a category.`);
    return { table: table.name, column: column.name };
  }

  private keyOf([alias = '', column]: readonly string[]): KnownPublicTable | undefined {
    const table = this.joined.get(alias);
    return table?.key === column ? table : undefined;
  }
}

function readAlias(alias: unknown): string | undefined {
  if (typeof alias !== 'object' || alias === null || !('aliasname' in alias)) return undefined;
  if ('colnames' in alias) throw refused('FROM', 'columns can’t be renamed in FROM.');
  return String(alias.aliasname);
}
