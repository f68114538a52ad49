import { type Ability as CaslAbility, type RawRuleOf, subject as asSubject } from '@casl/ability';
import {
  accessibleBy,
  createPrismaAbility,
  type PrismaQueryOf,
  type WhereInputOf,
} from '@casl/prisma/runtime';
import type { Prisma } from '@castellan/database';
import { notPermitted } from '../access-error.js';
import type { Actor, Identity } from '../actor.js';

export type Ability = CaslAbility<[string, string], PrismaQueryOf<Prisma.TypeMap>>;
type Where<S extends Prisma.ModelName> = WhereInputOf<Prisma.TypeMap, S>;

/** Grants actions on rows that `where` matches, or on a subject that has no rows. */
export interface Can {
  <S extends Prisma.ModelName>(action: string | readonly string[], subject: S, where: Where<S>): void;
  (action: string | readonly string[], subject: string): void;
}

/**
 * What a context lets people do. Called once a request with who is asking; says what is allowed, and what it doesn't say
 * isn't. Conditions on relations must name `is`, `some`, `every` or `none`.
 */
export type AccessRules = (actor: Identity, can: Can) => void;

/** What a key that is limited to deployments can do, whatever its owner may: a stolen one opens nothing else. */
const limitedKeyActions = ['read', 'predict'];

/** The identity with its ability, from the rules of every context. */
export function actorOf(identity: Identity, rules: readonly AccessRules[]): Actor {
  const granted: { action: string[]; subject: string; conditions?: object }[] = [];
  const can = (action: string | readonly string[], subject: string, where?: object): void => {
    const actions = [action].flat();
    if (identity.deployments.length === 0) {
      granted.push({ action: actions, subject, ...(where && { conditions: where }) });
      return;
    }
    const allowed = actions.filter((name) => limitedKeyActions.includes(name));
    if (subject !== 'Deployment' || allowed.length === 0) return;
    const named = { name: { in: [...identity.deployments] } };
    granted.push({
      action: allowed,
      subject,
      conditions: where === undefined ? named : { AND: [where, named] },
    });
  };
  for (const rule of rules) rule(identity, can);
  // The rules were typed where they were written; CASL's own type can't follow a list of them.
  const ability = createPrismaAbility<Ability>(granted as RawRuleOf<Ability>[]);
  return { ...identity, ability };
}

/**
 * The filter of rows that the actor may see (or do `action` with): list queries carry it, so that nothing is filtered
 * afterwards. Put it first in an `AND`.
 * @throws `not_permitted` when there can't be any, so that an empty filter never means "everything"
 */
export function visible<S extends Prisma.ModelName>(actor: Actor, subject: S, action = 'read'): Where<S> {
  if (!actor.ability.can(action, subject)) throw notPermitted(`${action}:${subject}`);
  // One of the granted conditions, or several under OR, exactly as `Can` took them for this subject.
  return accessibleBy(actor.ability, action).ofType(subject as never) as Where<S>;
}

/** Whether the actor may do `action` with this row; without a row, with any at all. */
export function isPermitted(actor: Actor, action: string, subject: string, row?: object): boolean {
  const target = row === undefined ? subject : asSubject(subject, { ...row });
  return actor.ability.can(action, target as string);
}

/** @throws `not_permitted` */
export function requireAbility(actor: Actor, action: string, subject: string, row?: object): void {
  if (!isPermitted(actor, action, subject, row)) throw notPermitted(`${action}:${subject}`);
}
