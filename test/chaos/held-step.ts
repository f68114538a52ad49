import pg from 'pg';
import { eventually } from '../support/eventually.js';

/** A statement of somebody else's, by what it does to a row. `which` is SQL over NEW, and OLD where it updates. */
export interface Step {
  readonly table: string;
  readonly does: 'INSERT' | 'UPDATE';
  readonly which: string;
}

const LOCK = 20261125;

/** Stops others' work in the database at a chosen step, or tells when that step is committed, so that they can be killed there. */
export class Steps {
  private constructor(private readonly client: pg.Client) {}

  static async of(url: string): Promise<Steps> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`
      CREATE FUNCTION chaos_hold() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK}); RETURN NEW; END $$;
      CREATE FUNCTION chaos_tell() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('chaos', ''); RETURN NEW; END $$;
      LISTEN chaos`);
    return new Steps(client);
  }

  /** Begins `work`, and kills while the step is held; what the killed process had not committed is undone. */
  async heldAt<Outcome>(
    step: Step,
    work: () => Promise<Outcome>,
    kill: () => Promise<void>,
  ): Promise<Outcome> {
    await this.client.query(`SELECT pg_advisory_lock(${LOCK})`);
    await this.#on(step, 'BEFORE', 'chaos_hold');
    const outcome = work();
    await eventually(`somebody is held at ${step.does} of ${step.table}`, async () => {
      const { rows } = await this.client.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return rows.length > 0 || undefined;
    });
    await kill();
    await this.client.query(`SELECT pg_advisory_unlock(${LOCK})`);
    await this.#off(step);
    return outcome;
  }

  /** Begins `work`, and kills as soon as the step is committed. */
  async committed<Outcome>(
    step: Step,
    work: () => Promise<Outcome>,
    kill: () => Promise<void>,
  ): Promise<Outcome> {
    const told = new Promise<void>((resolve) => this.client.once('notification', () => resolve()));
    await this.#on(step, 'AFTER', 'chaos_tell');
    const outcome = work();
    await told;
    await kill();
    await this.#off(step);
    return outcome;
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  async #on({ table, does, which }: Step, when: 'BEFORE' | 'AFTER', what: string): Promise<void> {
    await this.client.query(
      `CREATE TRIGGER chaos ${when} ${does} ON "${table}" FOR EACH ROW WHEN (${which}) EXECUTE FUNCTION ${what}()`,
    );
  }

  /** Waits for the transaction of whoever was killed to be undone. */
  async #off({ table }: Step): Promise<void> {
    await this.client.query(`DROP TRIGGER chaos ON "${table}"`);
  }
}
