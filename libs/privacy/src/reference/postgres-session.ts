import { PostgresLogin, type PostgresSource } from '@castellan/contracts';
import pg from 'pg';
import { PrivacyError } from '../privacy-error.js';
import { sourceRefused } from './source-refused.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Fixed for the session, so that nothing that a role or a database has set changes an answer or what is trusted: names are
 * those of the server's own catalogue; texts are written in one way; row-level security is an error and no filter.
 */
const settings = (timeoutSeconds: number): readonly string[] => [
  `SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY`,
  `SET search_path = pg_catalog, pg_temp`,
  `SET statement_timeout = '${timeoutSeconds}s'`,
  `SET lock_timeout = '10s'`,
  `SET idle_in_transaction_session_timeout = '${timeoutSeconds}s'`,
  `SET row_security = off`,
  `SET client_encoding = 'UTF8'`,
  `SET datestyle = 'ISO, YMD'`,
  `SET intervalstyle = 'iso_8601'`,
  `SET timezone = 'UTC'`,
  `SET extra_float_digits = 1`,
  `SET bytea_output = 'hex'`,
  `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
];

/** What is sealed of a table that stays elsewhere. @throws source_refused */
export function readLogin(bytes: Uint8Array): PostgresLogin {
  const login = PostgresLogin.safeParse(parseJson(Buffer.from(bytes).toString('utf8')));
  if (login.success) return login.data;
  throw sourceRefused('What is sealed of this dataset is not a login: {"user": "…", "password": "…"}.');
}

/** A read-only transaction on one snapshot of somebody's database. Disposed of, nothing is left there. */
export class PostgresSession implements AsyncDisposable {
  private constructor(private readonly client: pg.Client) {}

  /** @throws source_unavailable when nobody answers; source_refused for a login or a database that isn't one */
  static async open(source: PostgresSource, { user, password }: PostgresLogin): Promise<PostgresSession> {
    const { host, port, database, tls, caCertificate: ca } = source;
    const client = new pg.Client({
      host,
      port,
      database,
      user,
      password,
      ssl: tls === 'off' ? false : { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'castellan',
    });
    // A connection that breaks rejects the query under way; without a listener it would end the process too.
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (const setting of settings(source.statementTimeoutSeconds)) await client.query(setting);
      return new PostgresSession(client);
    } catch (cause) {
      await client.end().catch(() => undefined);
      throw asPrivacyError(cause, source);
    }
  }

  async rows(sql: string, parameters: readonly (string | number | bigint)[] = []): Promise<unknown[][]> {
    const { rows } = await this.client.query<unknown[]>({
      text: sql,
      values: [...parameters],
      rowMode: 'array',
    });
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

/** The server's words about a login are for the steward; they hold no rows, for none was read. */
function asPrivacyError(cause: unknown, { host, port }: PostgresSource): PrivacyError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = cause instanceof Error ? cause.message : '';
  // Invalid authorisation, no such database, no right to connect, a certificate that is none.
  if (/^(28|3D|42501)|CERT|SELF_SIGNED|UNABLE_TO/.test(code) || /does not support SSL/.test(message))
    return sourceRefused(`The database at ${host}:${port} was not opened: ${message}.`, cause);
  return new PrivacyError('source_unavailable', {
    kind: 'unavailable',
    publicDetail: `The database at ${host}:${port} does not answer. Nothing was read and nothing was charged.`,
    cause,
    retryAfterMs: 5_000,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
