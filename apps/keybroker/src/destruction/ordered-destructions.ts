import {
  decideDestruction,
  readDestructionOrder,
  readTrustDocument,
  Trust,
  type AcceptedOrder,
  type DestructionDecision,
  type DestructionOrder,
} from '@castellan/approval-policy';
import type { Clock } from '@castellan/audit';
import type { OrderedDestruction } from '@castellan/contracts';
import type { KeyMemory } from '../keys/key-memory.js';
import type { HonouredDocuments } from '../trust/honoured-documents.js';

/** One thing that somebody ordered to be destroyed, and how far the orders carry. */
export interface Ordered {
  readonly order: DestructionOrder;
  readonly subjectName: string;
  readonly subjectSha256: string;
  readonly decision: Exclude<DestructionDecision, { state: 'none' }>;
}

/** What is ordered and not destroyed yet, judged anew each time from the signed orders that the broker keeps itself. */
export class OrderedDestructions {
  constructor(
    private readonly documents: HonouredDocuments,
    private readonly memory: KeyMemory,
    private readonly clock: Clock,
    private readonly waitMs: number,
  ) {}

  all(): Ordered[] {
    const trust = new Trust(this.documents.trustMaterial);
    const bySubject = Map.groupBy(this.documents.destructionOrders, subjectOf);
    const terms = { trust, now: this.clock.now(), waitMs: this.waitMs };
    return [...bySubject.values()].flatMap((orders) => {
      const decision = decideDestruction(orders, terms);
      const [first] = orders;
      if (decision.state === 'none' || first === undefined) return [];
      const document = readTrustDocument(first.envelope);
      const order = readDestructionOrder(document);
      if (this.memory.isShredded(order.target, order.targetId)) return [];
      const { subjectName, subjectSha256 } = document;
      return [{ order, subjectName, subjectSha256, decision }];
    });
  }

  /** `<kind>/<id>` of everything destroyed. */
  get destroyed(): readonly string[] {
    return this.memory.shredded;
  }

  show(): OrderedDestruction[] {
    return this.all().map(({ order, subjectName, decision }) => {
      const { target, targetId, organization, project } = order;
      const { state, orders } = decision;
      const due = 'dueAt' in decision ? { dueAt: decision.dueAt.toISOString() } : {};
      return {
        target,
        targetId,
        organization,
        project,
        name: subjectName,
        state,
        orders: [...orders],
        ...due,
      };
    });
  }
}

/** Two orders count together only when they say the same about what is to be destroyed. */
function subjectOf({ envelope }: AcceptedOrder): string {
  const document = readTrustDocument(envelope);
  const { target, targetId, organization, project } = readDestructionOrder(document);
  return [target, targetId, organization, project, document.subjectSha256].join('\n');
}
