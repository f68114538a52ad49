import type pg from 'pg';

interface Row {
  readonly name: string;
  /** Tables that it refers to, itself excepted. */
  readonly needs: string[];
}

/** Our tables, those that others refer to first. Migrations' own history is not among them. */
export async function tablesInOrder(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<Row>(`
    SELECT c.relname AS name,
      coalesce(array_agg(r.relname::text) FILTER (WHERE r.oid <> c.oid), '{}') AS needs
    FROM pg_class c
    LEFT JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f'
    LEFT JOIN pg_class r ON r.oid = f.confrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> '_prisma_migrations'
    GROUP BY c.oid, c.relname ORDER BY c.relname`);
  const placed = new Set<string>();
  while (placed.size < rows.length) {
    const ready = rows.filter(
      ({ name, needs }) => !placed.has(name) && needs.every((need) => placed.has(need)),
    );
    if (ready.length === 0) throw new Error('tables refer to one another in a circle');
    for (const { name } of ready) placed.add(name);
  }
  return [...placed];
}
