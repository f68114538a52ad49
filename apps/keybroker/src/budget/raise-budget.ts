import type { AuditLog, Clock } from '@castellan/audit';
import { BudgetLowering, BudgetRaise, type GrantedRaise } from '@castellan/contracts';
import type { Peer } from '@castellan/http';
import { z } from 'zod';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import type { JudgeDataRequest } from '../release/judge-data-request.js';
import { ReleaseRefusal } from '../release/release-refusal.js';
import type { SubjectRecords } from '../release/subject-records.js';
import type { HonouredDocuments } from '../trust/honoured-documents.js';

const BudgetChange = z.discriminatedUnion('kind', [BudgetRaise, BudgetLowering]);
type BudgetChange = z.infer<typeof BudgetChange>;

/** How the losses of a dataset are added up stands in its document; the judge has seen that the request is about that one. */
const Accounted = z.object({ declaration: z.object({ accounting: z.enum(['pure', 'zcdp']).optional() }) });

/** A limit of epsilon says nothing of a dataset whose losses are added up in rho. @throws ReleaseRefusal */
function requireCurrency(document: string, { epsilonLimit, rhoLimit }: BudgetChange): void {
  const isRho = Accounted.parse(JSON.parse(document)).declaration.accounting === 'zcdp';
  const [named, other] = isRho ? [rhoLimit, epsilonLimit] : [epsilonLimit, rhoLimit];
  if (named !== undefined && other === undefined) return;
  const detail = `Losses of this dataset are added up in ${isRho ? 'rho' : 'epsilon'}, and the request names another limit.`;
  throw new ReleaseRefusal([{ code: 'request_differs', detail }]);
}

/**
 * Changes a limit of a privacy ledger: up on two signatures, down on none. What was granted is kept in the broker's own sealed file and told to whoever counts:
 * the database holds a copy of the limit, never its authority. A raise stands once granted, whatever becomes of the
 * approvals: what it allowed may have been spent. After a lowering, nothing raises that was asked for before it.
 */
export class RaiseBudget {
  constructor(
    private readonly records: SubjectRecords,
    private readonly judge: JudgeDataRequest,
    private readonly documents: HonouredDocuments,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Again does no harm, and nothing. @throws ReleaseRefusal with every reason; KeybrokerError `task_unknown` */
  async raise(taskId: string, peer: Peer): Promise<GrantedRaise> {
    const task = await this.records.task(taskId);
    const { head, digest, approvals } = await this.judge.require(task);
    const body = BudgetChange.safeParse(JSON.parse(task.request));
    if (!body.success)
      throw new ReleaseRefusal([{ code: 'request_differs', detail: `The request is to ${head.kind}.` }]);
    const { share, epsilonLimit, rhoLimit, deltaLimit } = body.data;
    requireCurrency(task.dataset.declaration, body.data);
    const raise: GrantedRaise = {
      request: digest,
      share,
      ...(epsilonLimit === undefined ? { rhoLimit } : { epsilonLimit }),
      ...(deltaLimit === undefined ? {} : { deltaLimit }),
      ...(body.data.kind === 'lower' ? { lowers: true as const } : {}),
      approvals: [...approvals],
      grantedAt: this.clock.now().toISOString(),
    };
    const { datasetId, declaration, organization, project } = head;
    const lowerings = body.data.kind === 'budget' ? (body.data.lowerings ?? 0) : undefined;
    return this.documents.changeLimit({ datasetId, declaration, ...raise }, lowerings, () =>
      this.audit
        .appendDurably(
          keybrokerEvents.event(raise.lowers === true ? 'budget.lowered' : 'budget.raised', {
            actor: actorOf(peer),
            decision: 'allow',
            organizationId: task.dataset.organizationId,
            resource: { kind: 'dataset', id: datasetId },
            details: { organization, project, ...raise },
          }),
        )
        .then(() => undefined),
    );
  }

  /** Oldest first. */
  raisesOf(datasetId: string, declaration: string): readonly GrantedRaise[] {
    return this.documents.raisesOf(datasetId, declaration);
  }
}
