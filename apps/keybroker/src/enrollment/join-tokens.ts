import { createHash, timingSafeEqual } from 'node:crypto';

/** The secret that lets a process in, by role: what is kept is its hex SHA-256. */
export class JoinTokens {
  constructor(private readonly hashByRole: Readonly<Record<string, string | undefined>>) {}

  /** Whether this is the token of the role. A role without one lets nobody in. */
  admits(role: string, token: string): boolean {
    const expected = Object.hasOwn(this.hashByRole, role) ? this.hashByRole[role] : undefined;
    if (expected === undefined) return false;
    const given = createHash('sha256').update(token, 'utf8').digest();
    return timingSafeEqual(given, Buffer.from(expected, 'hex'));
  }
}
