import type { QuorumPart } from './policy.js';

/** Who sits where, and which seats stay empty. */
export interface Seating {
  /** Person to the role in which she is counted. */
  readonly roleByPerson: ReadonlyMap<string, string>;
  /** The parts of the quorum that are not filled: how many people are still needed. Empty when the quorum is met. */
  readonly missing: readonly QuorumPart[];
}

/**
 * Seats people in a quorum: each seat asks for one role, each person takes at most one seat, whatever roles she holds.
 *
 * Finds a full seating whenever there is one (augmenting paths: Kuhn's algorithm for bipartite matching).
 */
export function seatQuorum(
  quorum: readonly QuorumPart[],
  rolesByPerson: ReadonlyMap<string, ReadonlySet<string>>,
): Seating {
  const seats = quorum.flatMap(({ role, count }) =>
    Array.from({ length: Math.min(count, rolesByPerson.size) }, () => ({ role })),
  );
  const seatOf = new Map<string, { role: string }>();

  const fill = (seat: { role: string }, asked: Set<string>): boolean => {
    for (const [person, roles] of rolesByPerson) {
      if (!roles.has(seat.role) || asked.has(person)) continue;
      asked.add(person);
      const current = seatOf.get(person);
      if (current !== undefined && !fill(current, asked)) continue;
      seatOf.set(person, seat);
      return true;
    }
    return false;
  };
  for (const seat of seats) fill(seat, new Set());

  const taken = [...seatOf.values()];
  const missing = quorum
    .map(({ role, count }) => ({ role, count: count - taken.filter((seat) => seat.role === role).length }))
    .filter(({ count }) => count > 0);
  return { roleByPerson: new Map([...seatOf].map(([person, { role }]) => [person, role])), missing };
}
