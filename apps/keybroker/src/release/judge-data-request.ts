import { createHash } from 'node:crypto';
import { decideDataRequest, type DataRequestDecision } from '@castellan/approval-policy';
import type { Clock } from '@castellan/audit';
import { DataRequestHead, type DataEvaluation, type DataRequestKind } from '@castellan/contracts';
import { z } from 'zod';
import type { HonouredDocuments } from '../trust/honoured-documents.js';
import { ReleaseRefusal } from './release-refusal.js';
import type { SubjectRecords, TaskRecord } from './subject-records.js';

/** How many people must have signed a request of each kind, and whether whoever made it may be one of them. */
const signatures = {
  classify: { signers: 0, requesterCounts: false },
  outliers: { signers: 0, requesterCounts: false },
  mask: { signers: 1, requesterCounts: false },
  budget: { signers: 2, requesterCounts: false },
  lower: { signers: 0, requesterCounts: false },
  reidentify: { signers: 2, requesterCounts: false },
  pipeline: { signers: 1, requesterCounts: false },
} as const satisfies Record<DataRequestKind, { signers: number; requesterCounts: boolean }>;

/** The part of a dataset's document that says whose it is. Sealed with the table: another text opens no table. */
const Owner = z.object({ organization: z.string(), project: z.string() });

/** A request that is about the very table that the dataset has. */
export interface SoundRequest {
  readonly head: DataRequestHead;
  readonly digest: string;
}

/** A request that has the signatures it takes; their digests. */
export interface AllowedRequest extends SoundRequest {
  readonly approvals: readonly string[];
}

/**
 * Whether work on a protected table may go on. The request's text, the dataset's document and the approvals come from the
 * database and are not believed: the text is what people signed, the document is what the table is sealed under.
 */
export class JudgeDataRequest {
  constructor(
    private readonly records: SubjectRecords,
    private readonly documents: HonouredDocuments,
    private readonly clock: Clock,
  ) {}

  /** @throws ReleaseRefusal with every reason; KeybrokerError `task_unknown` */
  async require(task: TaskRecord): Promise<AllowedRequest> {
    const request = readRequest(task);
    const { allowed, reasons, approvals } = await this.#decide(request);
    if (!allowed) throw new ReleaseRefusal(reasons);
    return { ...request, approvals: approvals.map((approval) => approval.digest) };
  }

  /** The same without a release. */
  async evaluate(taskId: string): Promise<DataEvaluation> {
    try {
      const request = readRequest(await this.records.task(taskId));
      const decision = await this.#decide(request);
      const { allowed, approvals, reasons } = decision;
      return {
        allowed,
        request: request.digest,
        reasons: reasons.map(({ code, detail }) => ({ code, detail })),
        approvals: approvals.map(({ digest, person, expiresAt }) => ({
          digest,
          person,
          expiresAt: expiresAt.toISOString(),
        })),
      };
    } catch (refusal) {
      if (!(refusal instanceof ReleaseRefusal)) throw refusal;
      return { allowed: false, reasons: [...refusal.reasons], approvals: [] };
    }
  }

  async #decide({ head, digest }: SoundRequest): Promise<DataRequestDecision> {
    const { organization, project, requester, kind } = head;
    const rejections = this.documents.rejectionsOf(digest);
    const stored = await this.records.dataApprovalsOf(digest);
    return decideDataRequest({
      ...this.documents.trustMaterial,
      request: { digest, organization, project, requester, ...signatures[kind] },
      approvals: [...rejections, ...stored],
      now: this.clock.now(),
    });
  }
}

function readRequest({ request, dataset }: TaskRecord): SoundRequest {
  const head = DataRequestHead.safeParse(parseJson(request));
  if (!head.success) throw differs('The request is not one.');
  const { datasetId, declaration, table, organization, project, kind } = head.data;
  const digest = sha256(dataset.declaration);
  if (datasetId !== dataset.id || declaration !== digest || dataset.file?.path !== `${digest}.csv`)
    throw differs('The request is about another dataset, or about another declaration of this one.');
  if (table !== dataset.file.sha256) throw differs('The request is about another table.');
  const owner = Owner.safeParse(parseJson(dataset.declaration));
  const named = owner.success && owner.data.organization === organization && owner.data.project === project;
  // Documents from before owners were named can be classified, which nobody signs for, and nothing else.
  const unnamed = !owner.success && kind === 'classify';
  if (!named && !unnamed) throw differs('The dataset does not belong to the project that the request names.');
  return { head: head.data, digest: sha256(request) };
}

function differs(detail: string): ReleaseRefusal {
  return new ReleaseRefusal([{ code: 'request_differs', detail }]);
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
