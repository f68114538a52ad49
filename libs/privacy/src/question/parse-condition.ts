import type { ProtectedColumn } from '../declaration/protected-table.js';
import { literalText } from './literal.js';
import type { Comparison, Condition } from './question.js';
import { allowOnly, nodes, refused, syntax, text, type Syntax } from './syntax.js';

const DEEPEST = 24;
const MOST_CONSTANTS = 1_000;

const operators: ReadonlyMap<string, Comparison> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** What `5 < x` says with the column first. */
const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

export type FindColumn = (node: Syntax) => ProtectedColumn;

/** Reads WHERE: comparisons of one column with constants, joined by AND, OR and NOT. */
export class ConditionParser {
  constructor(private readonly findColumn: FindColumn) {}

  parse(node: Syntax, depth = 0): Condition {
    if (depth > DEEPEST) throw refused('WHERE', `conditions may be nested at most ${DEEPEST} deep.`);
    switch (node.tag) {
      case 'BoolExpr':
        return this.parseBoolean(node, depth);
      case 'A_Expr':
        return this.parseExpression(node);
      case 'NullTest':
        return this.parseNullTest(node);
      default:
        throw refused('WHERE', 'only comparisons of a column with constants can be used.');
    }
  }

  private parseBoolean({ body }: Syntax, depth: number): Condition {
    const parts = nodes(body['args']).map((part) => this.parse(part, depth + 1));
    const [first] = parts;
    if (body['boolop'] === 'NOT_EXPR' && first) return { kind: 'not', part: first };
    return joined(body['boolop'] === 'AND_EXPR' ? 'and' : 'or', parts);
  }

  private parseNullTest({ body }: Syntax): Condition {
    allowOnly(body, ['arg', 'nulltesttype', 'location'], () => 'WHERE');
    const missing: Condition = { kind: 'missing', column: this.filterable(syntax(body['arg'])).name };
    return body['nulltesttype'] === 'IS_NULL' ? missing : { kind: 'not', part: missing };
  }

  private parseExpression({ body }: Syntax): Condition {
    const names = nodes(body['name']).map(text);
    const operator = names.length === 1 ? operators.get(names[0] ?? '') : undefined;
    switch (body['kind']) {
      case 'AEXPR_OP':
        if (operator) return this.parseComparison(operator, syntax(body['lexpr']), syntax(body['rexpr']));
        break;
      case 'AEXPR_IN':
        return this.parseIn(operator === '<>', syntax(body['lexpr']), syntax(body['rexpr']));
      case 'AEXPR_BETWEEN':
        return this.parseBetween(syntax(body['lexpr']), syntax(body['rexpr']));
    }
    throw refused('WHERE', 'only =, <>, <, <=, >, >=, IN and BETWEEN can be used.');
  }

  private parseComparison(operator: Comparison, left: Syntax, right: Syntax): Condition {
    if (left.tag !== 'ColumnRef' && right.tag === 'ColumnRef')
      return this.parseComparison(mirrored[operator], right, left);
    const column = this.filterable(left);
    if ((column.kind === 'category' || column.kind === 'text') && operator !== '=' && operator !== '<>')
      throw refused(
        'WHERE',
        `${JSON.stringify(column.name)} is a category: it can be compared with = and <> only.`,
      );
    return { kind: 'compare', column: column.name, operator, value: constant(right, column) };
  }

  private parseIn(negated: boolean, left: Syntax, right: Syntax): Condition {
    const column = this.filterable(left);
    if (right.tag !== 'List') throw refused('WHERE', 'IN takes a list of constants.');
    const values = nodes(right.body['items']).map((item) => constant(item, column));
    if (values.length > MOST_CONSTANTS)
      throw refused('WHERE', `IN takes at most ${MOST_CONSTANTS} constants.`);
    const within: Condition = { kind: 'in', column: column.name, values };
    return negated ? { kind: 'not', part: within } : within;
  }

  private parseBetween(left: Syntax, right: Syntax): Condition {
    const [low, high] = nodes(right.body['items']);
    if (!low || !high) throw refused('WHERE', 'BETWEEN takes two constants.');
    return {
      kind: 'and',
      parts: [this.parseComparison('>=', left, low), this.parseComparison('<=', left, high)],
    };
  }

  /** A filter on an identifier would pick out single units; noise would still hide them, but nobody needs to try. */
  private filterable(node: Syntax): ProtectedColumn {
    if (node.tag !== 'ColumnRef') throw refused('WHERE', 'one side of a comparison must be a column.');
    const column = this.findColumn(node);
    if (column.kind === 'identifier')
      throw refused(
        'WHERE',
        `${JSON.stringify(column.name)} identifies units and can’t be used in a condition.`,
      );
    return column;
  }
}

/** Flat, because `(a AND b) AND c` and `a AND b AND c` are one question. */
function joined(kind: 'and' | 'or', parts: readonly Condition[]): Condition {
  return { kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) };
}

/** PostgreSQL's grammar has already folded a leading minus into the constant. */
const plainNumber = /^-?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})$/;

function constant(node: Syntax, column: ProtectedColumn): string {
  if (node.tag !== 'A_Const') throw refused('WHERE', 'a column can be compared with constants only.');
  const literal = literalText(node.body);
  if (literal === undefined)
    throw refused('WHERE', 'constants are numbers and texts; use IS NULL for missing values.');
  if (column.kind === 'number' && !plainNumber.test(literal))
    throw refused('WHERE', `${JSON.stringify(column.name)} can be compared with plain decimal numbers only.`);
  return literal;
}
