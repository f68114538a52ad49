import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility, visible } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { ComplianceError } from '../compliance-error.js';
import { type HoldRow, HoldStore } from './hold-store.js';
import { retentionEvents } from './retention-events.js';

/** Lifts a hold, which takes two people: one asks, giving a reason, and another one, who did not set it either, does it. */
@Injectable()
export class LiftHold {
  constructor(
    private readonly database: Database,
    private readonly holds: HoldStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws `hold_unknown`, `hold_changed` */
  async ask(actor: Actor, id: string, reason: string): Promise<HoldRow> {
    const hold = await this.#find(actor, id);
    await this.database.transaction(async (tx) => {
      const asked = { liftAskedById: actor.personId, liftAskedBy: actor.name, liftReason: reason };
      if (!(await this.holds.askLift(tx, id, asked))) throw changed();
      await this.audit.append(tx, retentionEvents.holdLiftAsked(actor, hold, reason));
    });
    return this.#find(actor, id);
  }

  /** @throws `hold_unknown`, `hold_changed`, `second_person_needed` */
  async lift(actor: Actor, id: string): Promise<HoldRow> {
    const hold = await this.#find(actor, id);
    const { personId: liftedById, name: liftedBy } = actor;
    if (hold.liftAskedById === null) throw changed();
    if ([hold.setById, hold.liftAskedById].includes(liftedById)) throw secondPersonNeeded();
    await this.database.transaction(async (tx) => {
      if (!(await this.holds.lift(tx, id, hold.liftAskedById ?? '', { liftedById, liftedBy })))
        throw changed();
      await this.audit.append(tx, retentionEvents.holdLifted(actor, hold));
    });
    return this.#find(actor, id);
  }

  async #find(actor: Actor, id: string): Promise<HoldRow> {
    const hold = await this.holds.visibleById(visible(actor, 'LegalHold'), id);
    if (hold === null)
      throw new ComplianceError('hold_unknown', {
        kind: 'not_found',
        publicDetail: 'There is no such hold.',
      });
    requireAbility(actor, 'lift', 'LegalHold', hold);
    return hold;
  }
}

function changed(): ComplianceError {
  return new ComplianceError('hold_changed', {
    kind: 'conflict',
    publicDetail: 'The hold is lifted already, or nobody has asked to lift it, or somebody has asked before.',
  });
}

function secondPersonNeeded(): ComplianceError {
  return new ComplianceError('second_person_needed', {
    kind: 'forbidden',
    publicDetail: 'Who set the hold, or asked to lift it, can not lift it: another person must.',
  });
}
