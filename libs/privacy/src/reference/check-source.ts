import type { ReferencedTable } from '../declaration/protected-table.js';
import type { PostgresSession } from './postgres-session.js';
import { sourceRefused } from './source-refused.js';
import { sourceTexts } from './source-texts.js';

/** For reading texts as numbers without a row that makes the query fail. */
const OLDEST_SERVER = 160_000;

const numbers = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];
/** Built-in types whose texts no row can make fail, and which no user's function writes. */
const readable = [
  ...numbers,
  ...['text', 'varchar', 'bpchar', 'bool', 'date', 'time', 'timestamp', 'timestamptz', 'uuid', 'inet'],
];

interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly isEnum: boolean;
  readonly isComputed: boolean;
}

/**
 * Checks that the table is there, that its declared columns can be read by nothing but the server's own functions, and that
 * the login can read and not write.
 * @throws source_refused, naming what is wrong; never a row
 */
export async function checkSource(session: PostgresSession, table: ReferencedTable): Promise<void> {
  await checkServer(session);
  await checkRole(session, table);
  await checkColumns(session, table);
  // Row-level security is judged while a query is planned: this one reads no row.
  await session.rows(`${sourceTexts(table)} LIMIT 0`).catch((cause: unknown) => {
    throw sourceRefused(`The table can’t be read: ${cause instanceof Error ? cause.message : ''}.`, cause);
  });
}

async function checkServer(session: PostgresSession): Promise<void> {
  const [[version, encoding] = []] = await session.rows(
    `SELECT current_setting('server_version_num')::int, current_setting('server_encoding')`,
  );
  if (Number(version) < OLDEST_SERVER)
    throw sourceRefused('The server is older than PostgreSQL 16, which is the oldest that is asked.');
  if (encoding !== 'UTF8')
    throw sourceRefused(`The database is not encoded in UTF8 but in ${String(encoding)}.`);
}

/** A login that could write is one that somebody who gets hold of this process could write with. */
async function checkRole(session: PostgresSession, { source }: ReferencedTable): Promise<void> {
  const [[exists, superuser, creates, owns, writes, serverFiles] = []] = await session.rows(
    `SELECT c.oid IS NOT NULL, r.rolsuper, r.rolcreaterole OR r.rolreplication OR r.rolcreatedb,
       c.oid IS NOT NULL AND pg_has_role(c.relowner, 'MEMBER'),
       c.oid IS NOT NULL AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
         OR has_any_column_privilege(c.oid, 'INSERT, UPDATE') OR has_schema_privilege(n.oid, 'CREATE')
         OR has_database_privilege(current_database(), 'CREATE')),
       pg_has_role('pg_write_all_data', 'MEMBER') OR pg_has_role('pg_execute_server_program', 'MEMBER') OR
         pg_has_role('pg_write_server_files', 'MEMBER')
     FROM pg_roles AS r LEFT JOIN pg_namespace AS n ON n.nspname = $1
     LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = $2 AND c.relkind IN ('r', 'p', 'm')
     WHERE r.rolname = current_user`,
    [source.schema, source.table],
  );
  const writer = [
    [superuser, 'is a superuser'],
    [creates, 'may create roles or databases, or replicate'],
    [serverFiles, 'may write all data, or files of the server, or run its programs'],
    [owns, 'owns the table'],
    [writes, 'may write to the table, or create others beside it'],
  ].find(([does]) => does === true);
  if (writer)
    throw sourceRefused(
      `The login ${String(writer[1])}. Give one that can do nothing but SELECT from the table.`,
    );
  if (exists !== true)
    throw sourceRefused(
      `There is no table ${JSON.stringify(`${source.schema}.${source.table}`)} (a view or a foreign table is none: what it runs is somebody else's).`,
    );
}

async function checkColumns(session: PostgresSession, table: ReferencedTable): Promise<void> {
  const found = await columnsOf(session, table);
  for (const { name, kind } of table.columns) {
    const column = found.find((candidate) => candidate.name === name);
    const shown = JSON.stringify(name);
    if (column === undefined) throw sourceRefused(`The table has no column ${shown}.`);
    if (column.isComputed)
      throw sourceRefused(`The column ${shown} is computed when it is read, and a row could make that fail.`);
    if (!column.isEnum && !readable.includes(column.type))
      throw sourceRefused(`The column ${shown} is of type ${column.type}, which is not read.`);
    if (kind === 'number' && !numbers.includes(column.type))
      throw sourceRefused(`The column ${shown} is declared a number, and is of type ${column.type}.`);
  }
}

async function columnsOf(session: PostgresSession, { source }: ReferencedTable): Promise<FoundColumn[]> {
  const rows = await session.rows(
    `SELECT a.attname::text, t.typname::text, t.typtype = 'e', a.attgenerated = 'v', t.typnamespace = 'pg_catalog'::regnamespace
     FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
     JOIN pg_type AS t ON t.oid = a.atttypid
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped`,
    [source.schema, source.table],
  );
  return rows.map(([name, type, isEnum, isComputed, isBuiltIn]) => ({
    name: String(name),
    type: isBuiltIn === true ? String(type) : `${String(type)} (not one of PostgreSQL's own)`,
    isEnum: isEnum === true,
    isComputed: isComputed === true,
  }));
}
