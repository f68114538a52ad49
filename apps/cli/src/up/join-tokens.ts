import { createHash, randomBytes } from 'node:crypto';

export const joiningRoles = ['api', 'jobs', 'worker', 'gateway'] as const;
export type JoiningRole = (typeof joiningRoles)[number];

/** What a process shows the keybroker to be certified in its role: fresh at every start, one a role, never on disk. */
export class JoinTokens {
  readonly #tokens = new Map<JoiningRole, string>(
    joiningRoles.map((role) => [role, randomBytes(32).toString('base64url')]),
  );

  of(role: JoiningRole): string {
    const token = this.#tokens.get(role);
    if (token === undefined) throw new Error(`no join token for ${role}`);
    return token;
  }

  /** What the keybroker is told: role → hex SHA-256, as JSON. It can check a token and can't make one. */
  hashes(): string {
    const hashes = [...this.#tokens].map(([role, token]) => [
      role,
      createHash('sha256').update(token).digest('hex'),
    ]);
    return JSON.stringify(Object.fromEntries(hashes));
  }
}
