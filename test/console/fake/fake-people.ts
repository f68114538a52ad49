import { randomBytes, randomUUID } from 'node:crypto';
import type { Me, Role } from '@castellan/contracts';
import { FakeRefusal } from './fake-refusal.js';

/** People with one-time links and sessions. */
export class FakePeople {
  readonly organization = 'acme';
  readonly #links = new Map<string, Me>();
  readonly #sessions = new Map<string, Me>();

  /** A person and the secret of a link that signs her in once. */
  add(
    name: string,
    displayName: string,
    roles: readonly Role[],
  ): { readonly me: Me; readonly link: () => string } {
    const me: Me = {
      id: randomUUID(),
      name,
      displayName,
      organization: this.organization,
      roles: roles.map((role) => ({ role })),
    };
    const link = () => {
      const secret = randomBytes(24).toString('base64url');
      this.#links.set(secret, me);
      return secret;
    };
    return { me, link };
  }

  signIn(secret: string): { readonly me: Me; readonly session: string } {
    const me = this.#links.get(secret);
    if (me === undefined)
      throw new FakeRefusal(
        401,
        'credentials_invalid',
        'The key, session or link is not valid, or no longer.',
      );
    this.#links.delete(secret);
    const session = randomUUID();
    this.#sessions.set(session, me);
    return { me, session };
  }

  signOut(cookie: string | undefined): void {
    this.#sessions.delete(sessionIn(cookie) ?? '');
  }

  who(cookie: string | undefined): Me {
    const me = this.#sessions.get(sessionIn(cookie) ?? '');
    if (me !== undefined) return me;
    throw new FakeRefusal(401, 'credentials_missing', 'Sign in, or send an API key.');
  }
}

function sessionIn(cookie = ''): string | undefined {
  return /(?:^|;\s*)castellan_session=([^;]+)/.exec(cookie)?.[1];
}

/** @throws FakeRefusal `not_permitted` unless the person holds one of the roles */
export function requireRole({ roles }: Me, permission: string, ...wanted: readonly Role[]): void {
  if (roles.some(({ role }) => wanted.includes(role))) return;
  throw new FakeRefusal(403, 'not_permitted', `Your roles do not include the permission ${permission}.`);
}
