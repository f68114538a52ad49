import { randomUUID } from 'node:crypto';
import type { PostgresSource } from '@castellan/contracts';
import pg from 'pg';

/** A table of somebody's database, and a role that may do what the spec says; both gone when disposed of. */
export class ReaderRole implements AsyncDisposable {
  readonly user = `reader_${randomUUID().slice(0, 8)}`;
  readonly password = randomUUID();

  private constructor(
    readonly admin: pg.Client,
    readonly source: PostgresSource,
  ) {}

  static async on(url: string, schema: string, table: string): Promise<ReaderRole> {
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    const { hostname: host, port, pathname } = new URL(url);
    const role = new ReaderRole(admin, {
      kind: 'postgresql',
      host,
      port: Number(port),
      database: decodeURIComponent(pathname.slice(1)),
      schema,
      table,
      tls: 'off',
      statementTimeoutSeconds: 60,
    });
    await admin.query(`CREATE ROLE ${role.user} LOGIN PASSWORD '${role.password}'`);
    return role;
  }

  get login(): string {
    return JSON.stringify({ user: this.user, password: this.password });
  }

  get address(): string {
    return `${this.source.host}:${this.source.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.admin.query(`DROP OWNED BY ${this.user}`);
    await this.admin.query(`DROP ROLE ${this.user}`);
    await this.admin.end();
  }
}
