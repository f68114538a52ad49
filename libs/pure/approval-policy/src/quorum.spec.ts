import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seatQuorum } from './quorum.js';

const people = (entries: Record<string, string[]>) =>
  new Map(Object.entries(entries).map(([person, roles]) => [person, new Set(roles)]));

describe('seating a quorum', () => {
  it('moves a person with two roles to the seat that only she can fill', () => {
    const quorum = [
      { role: 'reviewer', count: 1 },
      { role: 'security', count: 1 },
    ];
    const seating = seatQuorum(quorum, people({ rita: ['reviewer', 'security'], remy: ['reviewer'] }));
    expect(seating.missing).toEqual([]);
    expect(Object.fromEntries(seating.roleByPerson)).toEqual({ rita: 'security', remy: 'reviewer' });
  });

  it('says how many seats of each role stay empty', () => {
    expect(seatQuorum([{ role: 'reviewer', count: 3 }], people({ rita: ['reviewer'] })).missing).toEqual([
      { role: 'reviewer', count: 2 },
    ]);
  });

  it('is not exhausted by a quorum of absurd size', () => {
    const count = Number.MAX_SAFE_INTEGER;
    expect(seatQuorum([{ role: 'reviewer', count }], people({ rita: ['reviewer'] })).missing).toEqual([
      { role: 'reviewer', count: count - 1 },
    ]);
  });

  it('is met exactly when some assignment of people to seats meets it', () => {
    const roles = ['a', 'b', 'c'];
    const assignable = (seats: readonly string[], free: readonly (readonly string[])[]): boolean => {
      const [seat, ...rest] = seats;
      if (seat === undefined) return true;
      return free.some((held, index) => held.includes(seat) && assignable(rest, free.toSpliced(index, 1)));
    };
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({ role: fc.constantFrom(...roles), count: fc.integer({ min: 1, max: 2 }) }),
          {
            selector: ({ role }) => role,
          },
        ),
        fc.array(fc.subarray(roles), { maxLength: 5 }),
        (quorum, held) => {
          const named = new Map(held.map((ofPerson, index) => [`p${index}`, new Set(ofPerson)]));
          const seats = quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
          const seating = seatQuorum(quorum, named);
          expect(seating.missing.length === 0).toBe(assignable(seats, held));
          for (const [person, role] of seating.roleByPerson) expect(named.get(person)).toContain(role);
        },
      ),
    );
  });
});
