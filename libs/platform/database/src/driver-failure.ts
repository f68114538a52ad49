import { DatabaseError } from './database-error.js';
import { Prisma } from './generated/client.js';

/** Prisma: unreachable, timed out, closed, pool exhausted, transaction could not start, too many connections. */
const unavailableCodes = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2037']);
/** The driver adapter's own names for the same. */
const unavailableKinds =
  /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections|TlsConnectionError)$/;
/** SQLSTATE classes: 08 connection exception, 57P01-57P05 shutdown and the like, 53300 too many connections. */
const unavailableSqlStates = /^(08...|57P0\d|53300)$/;
const unavailableMessages =
  /connection (terminated|ended|timeout)|timeout exceeded when trying to connect|terminating connection|Unable to start a transaction in the given time|not queryable|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND/i;

/** The typed error for a failure that is the database's, or what was thrown when it isn't. */
export function fromDriverFailure(error: unknown): unknown {
  if (error instanceof DatabaseError) return error;
  if (isUnavailable(error)) {
    return new DatabaseError({
      code: 'database_unavailable',
      kind: 'unavailable',
      publicDetail: 'The database does not answer.',
      retryAfterMs: 1000,
      cause: error,
    });
  }
  if (chain(error).some((link) => sqlState(link) === '53100')) {
    return new DatabaseError({
      code: 'database_full',
      kind: 'exhausted',
      publicDetail: 'The database has no space left on its disk. Nothing was changed.',
      retryAfterMs: 10_000,
      cause: error,
    });
  }
  if (isWriteConflict(error)) {
    return new DatabaseError({
      code: 'database_conflict',
      kind: 'conflict',
      publicDetail: 'Somebody changed the same thing at the same moment. Try again.',
      retryAfterMs: 100,
      cause: error,
    });
  }
  return error;
}

/** Two transactions collided and this one lost; running it again is right. */
export function isWriteConflict(error: unknown): boolean {
  return chain(error).some(
    (link) =>
      (link instanceof Prisma.PrismaClientKnownRequestError && link.code === 'P2034') ||
      ['40001', '40P01'].includes(sqlState(link) ?? ''),
  );
}

/** A row with this unique value is already there. Stores turn it into their own conflict. */
export function isUniqueViolation(error: unknown): boolean {
  return chain(error).some(
    (link) =>
      (link instanceof Prisma.PrismaClientKnownRequestError && link.code === 'P2002') ||
      sqlState(link) === '23505',
  );
}

/** A referenced row is gone, or still referenced. */
export function isForeignKeyViolation(error: unknown): boolean {
  return chain(error).some(
    (link) =>
      (link instanceof Prisma.PrismaClientKnownRequestError && link.code === 'P2003') ||
      sqlState(link) === '23503',
  );
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  return chain(error).some((link) => {
    if (link instanceof Prisma.PrismaClientKnownRequestError && unavailableCodes.has(link.code)) return true;
    if (unavailableSqlStates.test(sqlState(link) ?? '')) return true;
    if (hasText(link, 'kind', unavailableKinds)) return true;
    return hasText(link, 'message', unavailableMessages);
  });
}

/** The error and what caused it, outermost first. A failed raw query hides the driver's error in its `meta`. */
function chain(error: unknown): unknown[] {
  const links: unknown[] = [];
  const waiting = [error];
  while (waiting.length > 0 && links.length < 8) {
    const link = waiting.shift();
    if (link === null || typeof link !== 'object') continue;
    links.push(link);
    if ('cause' in link) waiting.push(link.cause);
    const meta = 'meta' in link ? link.meta : undefined;
    if (meta !== null && typeof meta === 'object' && 'driverAdapterError' in meta) {
      waiting.push(meta.driverAdapterError);
    }
  }
  return links;
}

function sqlState(link: unknown): string | undefined {
  if (link === null || typeof link !== 'object') return undefined;
  if ('originalCode' in link && typeof link.originalCode === 'string') return link.originalCode;
  if ('code' in link && typeof link.code === 'string' && /^[0-9A-Z]{5}$/.test(link.code)) return link.code;
  return undefined;
}

function hasText(link: unknown, member: string, pattern: RegExp): boolean {
  if (link === null || typeof link !== 'object') return false;
  const value: unknown = Reflect.get(link, member);
  return typeof value === 'string' && pattern.test(value);
}
