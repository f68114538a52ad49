import { randomUUID } from 'node:crypto';
import {
  decideDestruction,
  readDestructionOrder,
  readTrustDocument,
  Trust,
} from '@castellan/approval-policy';
import type { Destruction, DestructionCertificate } from '@castellan/contracts';
import { FakeRefusal } from './fake-refusal.js';
import type { FakeTrust } from './fake-trust.js';

const DAY_MS = 86_400_000;

/** What is ordered to be destroyed, judged from the signed orders as the keybroker does, and what a spec has had destroyed. */
export class FakeDestructions {
  readonly #destroyed: Destruction[] = [];

  constructor(private readonly trust: FakeTrust) {}

  list(now: Date): Destruction[] {
    return [...this.#ordered(now), ...this.#destroyed];
  }

  /** What was ordered and waited for is carried out. */
  carryOut(name: string, now: Date): void {
    const { target, targetId } = this.#ordered(now).find((each) => each.name === name) ?? {
      target: 'version' as const,
      targetId: randomUUID(),
    };
    const destroyedAt = now.toISOString();
    this.#destroyed.unshift({ target, targetId, name, state: 'destroyed', orders: [], destroyedAt });
  }

  certificate(targetId: string): DestructionCertificate {
    const found = this.#destroyed.find((each) => each.targetId === targetId);
    if (found === undefined)
      throw new FakeRefusal(404, 'destruction_unknown', 'Nothing of this id was destroyed.');
    return { certificate: JSON.stringify({ name: found.name }), signature: '-----BEGIN CMS-----' };
  }

  #ordered(now: Date): Destruction[] {
    const trust = new Trust({ officers: this.trust.officerKeys, ...this.trust.material() });
    const orders = this.trust.documents('destruction-order').map(({ envelope, createdAt }) => {
      const document = readTrustDocument(envelope);
      const accepted = { envelope, acceptedAt: new Date(createdAt) };
      return { accepted, name: document.subjectName, order: readDestructionOrder(document) };
    });
    const bySubject = Map.groupBy(orders, ({ order }) => order.targetId);
    return [...bySubject.values()].flatMap((about) => {
      const [first] = about;
      const decision = decideDestruction(
        about.map(({ accepted }) => accepted),
        { trust, now, waitMs: DAY_MS },
      );
      if (first === undefined || decision.state === 'none') return [];
      const { target, targetId } = first.order;
      if (this.#destroyed.some((each) => each.targetId === targetId)) return [];
      const due = 'dueAt' in decision ? { dueAt: decision.dueAt.toISOString() } : {};
      const { state, orders: counted } = decision;
      return [{ target, targetId, name: first.name, state, orders: [...counted], ...due }];
    });
  }
}
