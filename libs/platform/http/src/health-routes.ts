import type { FastifyInstance } from 'fastify';

export type ReadinessChecks = Readonly<Record<string, () => Promise<unknown>>>;

const checkTimeoutMs = 3_000;

/**
 * /livez says that the process runs, nothing more, so that a slow database doesn't get it killed. /readyz says that it can
 * work: each check by name, and "closing" once shutdown has begun. Neither asks who is calling; neither tells why.
 */
export function healthRoutes(
  fastify: FastifyInstance,
  checks: ReadinessChecks,
  closing: () => boolean,
): void {
  fastify.get('/livez', async () => ({ status: 'ok' }));
  fastify.get('/readyz', async (_request, reply) => {
    const outcomes = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await passes(check)] as const),
    );
    const ready = !closing() && outcomes.every(([, passed]) => passed);
    return reply.status(ready ? 200 : 503).send({
      status: closing() ? 'closing' : ready ? 'ok' : 'failing',
      checks: Object.fromEntries(outcomes.map(([name, passed]) => [name, passed ? 'ok' : 'failing'])),
    });
  });
}

async function passes(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), checkTimeoutMs);
  });
  try {
    return await Promise.race([check().then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
