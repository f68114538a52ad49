import type { ProtectedColumn, ProtectedTable } from '../declaration/protected-table.js';
import { literalText } from './literal.js';
import { ConditionParser } from './parse-condition.js';
import { type Measure, type Question, type Selected } from './question.js';
import { FromClause } from './parse-from.js';
import { allowOnly, nodes, parseSelect, refused, syntax, text, type Syntax } from './syntax.js';

/** What each part of a SELECT is called by the person who wrote it. */
const clauses: Readonly<Record<string, string>> = {
  distinctClause: 'DISTINCT',
  intoClause: 'INTO',
  groupDistinct: 'GROUP BY DISTINCT',
  groupByAll: 'GROUP BY ALL',
  havingClause: 'HAVING',
  windowClause: 'WINDOW',
  valuesLists: 'VALUES',
  sortClause: 'ORDER BY',
  limitOffset: 'OFFSET',
  limitCount: 'LIMIT',
  lockingClause: 'FOR UPDATE',
  withClause: 'WITH',
  all: 'UNION',
  larg: 'UNION',
  rarg: 'UNION',
};

const callParts: Readonly<Record<string, string>> = {
  agg_filter: 'FILTER',
  agg_order: 'ORDER BY',
  over: 'OVER',
  agg_within_group: 'WITHIN GROUP',
  func_variadic: 'VARIADIC',
};

const MOST_SELECTED = 32;

const aggregateNames = 'COUNT, SUM, AVG, VARIANCE, STDDEV, MEDIAN and QUANTILE';

const aggregates: ReadonlyMap<
  string,
  'count' | 'sum' | 'average' | 'variance' | 'deviation' | 'median' | 'quantile'
> = new Map([
  ['count', 'count'],
  ['sum', 'sum'],
  ['avg', 'average'],
  ['variance', 'variance'],
  ['var_samp', 'variance'],
  ['stddev', 'deviation'],
  ['stddev_samp', 'deviation'],
  ['median', 'median'],
  ['quantile', 'quantile'],
]);

/** A plain decimal between 0 and 1 with at most four places, in its one spelling. */
function readProbability(node: Syntax | undefined): string {
  const literal = node?.tag === 'A_Const' ? literalText(node.body) : undefined;
  const [, places] = /^0?\.(\d{0,3}[1-9])0*$/.exec(literal ?? '') ?? [];
  if (places === undefined)
    throw refused('QUANTILE', 'the probability is a decimal between 0 and 1 with at most four places.');
  return `0.${places}`;
}

/**
 * Reads SQL as a question to one protected table, which may be joined to public ones: keys and aggregates, WHERE on single
 * rows, GROUP BY on categories and texts. Everything is decided from the SQL and the declaration, never from the rows.
 *
 * Fails with `question_malformed` when it isn't SQL, and with `question_refused`, naming the clause, for everything
 * that can't be made private here: joins of other kinds, subqueries, functions, expressions, `SELECT *`.
 */
export async function parseQuestion(sql: string, table: ProtectedTable): Promise<Question> {
  const { body } = await parseSelect(sql);
  return new QuestionParser(table, body).parse();
}

class QuestionParser {
  private readonly from: FromClause;

  constructor(
    private readonly table: ProtectedTable,
    private readonly body: Syntax['body'],
  ) {
    if (body['op'] !== 'SETOP_NONE') throw refused('UNION', 'ask one SELECT at a time.');
    allowOnly(
      body,
      ['targetList', 'fromClause', 'whereClause', 'groupClause', 'limitOption', 'op'],
      (field) => clauses[field] ?? field,
    );
    this.from = new FromClause(nodes(body['fromClause']), table);
  }

  parse(): Question {
    const { body } = this;
    const joins = this.from.joins();
    const keys = this.readKeys(nodes(body['groupClause']));
    const selected = this.readSelected(nodes(body['targetList']), keys);
    const where = body['whereClause'] === undefined ? undefined : this.readWhere(syntax(body['whereClause']));
    return { table: this.table.name, joins, selected, keys, where };
  }

  private readKeys(group: readonly Syntax[]): readonly string[] {
    const keys = group.map((node) => this.readKey(node));
    if (new Set(keys).size !== keys.length) throw refused('GROUP BY', 'a key is named twice.');
    return keys;
  }

  private readKey(node: Syntax): string {
    if (node.tag !== 'ColumnRef') throw refused('GROUP BY', 'keys are columns, by name.');
    const column = this.column(node, 'GROUP BY');
    if (column.kind !== 'category' && column.kind !== 'text')
      throw refused('GROUP BY', `${JSON.stringify(column.name)} is not a category; group by one.`);
    return column.name;
  }

  private readSelected(targets: readonly Syntax[], keys: readonly string[]): readonly Selected[] {
    if (targets.length > MOST_SELECTED) throw refused('SELECT', `at most ${MOST_SELECTED} columns.`);
    const selected = targets.map(({ body }) => {
      allowOnly(body, ['name', 'val', 'location'], () => 'SELECT');
      return this.readTarget(
        syntax(body['val']),
        typeof body['name'] === 'string' ? body['name'] : undefined,
        keys,
      );
    });
    if (!selected.some((item) => item.kind === 'measure'))
      throw refused('SELECT', `ask for at least one of ${aggregateNames}; single rows are never shown.`);
    return selected;
  }

  private readTarget(node: Syntax, as: string | undefined, keys: readonly string[]): Selected {
    if (node.tag === 'FuncCall') {
      const { measure, name } = this.readMeasure(node.body);
      return { kind: 'measure', measure, as: as ?? name };
    }
    if (node.tag !== 'ColumnRef')
      throw refused('SELECT', `only keys and ${aggregateNames}; no expressions and no subqueries.`);
    const column = this.column(node, 'SELECT');
    if (!keys.includes(column.name))
      throw refused('SELECT', `${JSON.stringify(column.name)} is neither aggregated nor in GROUP BY.`);
    return { kind: 'key', column: column.name, as: as ?? column.name };
  }

  /** The measure, and the name that SQL gives its column. */
  private readMeasure(body: Syntax['body']): { measure: Measure; name: string } {
    const names = nodes(body['funcname']).map(text);
    const name = names.length === 1 ? (names[0] ?? '') : names.join('.');
    const clause = name.toUpperCase();
    const aggregate = aggregates.get(name);
    if (aggregate === undefined) throw refused(clause, `the aggregates are ${aggregateNames}.`);
    allowOnly(
      body,
      ['funcname', 'args', 'agg_star', 'agg_distinct', 'funcformat', 'location'],
      (field) => callParts[field] ?? clause,
    );
    const args = nodes(body['args']);
    if (body['agg_star'] === true) {
      if (aggregate === 'count') return { measure: { kind: 'rows' }, name };
      throw refused(clause, 'name the column to measure.');
    }
    const [argument, probability, third] = args;
    const column = argument?.tag === 'ColumnRef' ? this.column(argument, clause) : undefined;
    if (
      column === undefined ||
      third !== undefined ||
      (probability !== undefined) !== (aggregate === 'quantile')
    )
      throw refused(
        clause,
        aggregate === 'quantile' ? 'takes a column and a probability.' : 'takes one column, by name.',
      );
    if (body['agg_distinct'] === true) return { measure: this.distinct(clause, column), name };
    if (aggregate === 'count') return { measure: { kind: 'values', column: column.name }, name };
    if (column.kind !== 'number')
      throw refused(clause, `${JSON.stringify(column.name)} has no bounds to clamp it to.`);
    if (aggregate === 'median')
      return { measure: { kind: 'quantile', column: column.name, probability: '0.5' }, name };
    if (aggregate === 'quantile')
      return {
        measure: { kind: 'quantile', column: column.name, probability: readProbability(probability) },
        name,
      };
    return { measure: { kind: aggregate, column: column.name }, name };
  }

  private distinct(clause: string, column: ProtectedColumn): Measure {
    if (clause === 'COUNT' && column.name === this.table.privacyUnit.name) return { kind: 'units' };
    throw refused('DISTINCT', `only COUNT(DISTINCT ${this.table.privacyUnit.name}) counts units privately.`);
  }

  private readWhere(node: Syntax) {
    return new ConditionParser((column) => this.column(column, 'WHERE')).parse(node);
  }

  /** Finds the declared column of `name`, `table.name` or `alias.name`. */
  private column(node: Syntax, clause: string): ProtectedColumn {
    const fields = nodes(node.body['fields']);
    if (fields.some((field) => field.tag === 'A_Star'))
      throw refused(clause, '* would show rows; name what you ask for.');
    const names = fields.map(text);
    const column = this.from.find(names);
    if (!column) throw refused(clause, `there is no column ${JSON.stringify(names.join('.'))}.`);
    return column;
  }
}
