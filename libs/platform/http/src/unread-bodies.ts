import type { FastifyInstance } from 'fastify';

/** Most of a refused body that is read and dropped, so that its sender hears the refusal. */
const DROPPED_BYTES = 16 << 20;

/**
 * A refusal often comes before all of the body did. The rest must not stay in the connection: whatever the client, or a
 * proxy for somebody else, asks next would wait behind it. A short rest is dropped; else the connection ends with the answer.
 */
export function unreadBodies(fastify: Pick<FastifyInstance, 'addHook'>): void {
  fastify.addHook('onSend', async ({ raw, headers }, reply) => {
    if (reply.statusCode < 400 || raw.complete) return;
    // A reader that gave up by destroying its stream leaves nobody to drop what comes.
    if (raw.destroyed || Number(headers['content-length'] ?? Infinity) > DROPPED_BYTES)
      void reply.header('connection', 'close');
    else raw.resume();
  });
}
