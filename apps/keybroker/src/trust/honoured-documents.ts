import {
  type AcceptedOrder,
  readTrustDocument,
  Trust,
  verifyDocument,
  type TrustMaterial,
  type VerifiedDocument,
} from '@castellan/approval-policy';
import type { Clock } from '@castellan/audit';
import { DsseEnvelope, GrantedRaise, Id, Sha256 } from '@castellan/contracts';
import { z } from 'zod';
import { KeybrokerError } from '../keybroker-error.js';
import { ReleaseRefusal } from '../release/release-refusal.js';
import type { Officer } from '../root/pinned-officers.js';
import type { SealedFile } from '../state/sealed-file.js';

const Accepted = z.strictObject({ envelope: DsseEnvelope, acceptedAt: z.iso.datetime() });
const Documents = z.strictObject({
  format: z.literal('castellan.keybroker.documents/v1'),
  policies: z.array(DsseEnvelope),
  reviewerCertificates: z.array(DsseEnvelope),
  revocations: z.array(DsseEnvelope),
  rejections: z.array(DsseEnvelope),
  destructionOrders: z.array(Accepted).default([]),
  rootExportOrders: z.array(Accepted).default([]),
  budgetRaises: z
    .array(z.strictObject({ ...GrantedRaise.shape, datasetId: Id, declaration: Sha256 }))
    .default([]),
});
type Documents = z.infer<typeof Documents>;

export const noDocuments: string = JSON.stringify({
  format: 'castellan.keybroker.documents/v1',
  policies: [],
  reviewerCertificates: [],
  revocations: [],
  rejections: [],
  destructionOrders: [],
  rootExportOrders: [],
  budgetRaises: [],
} satisfies Documents);

/** A raise, and the document of the dataset that it was asked for: a dataset declared anew has none. */
type RaiseOf = Documents['budgetRaises'][number];

/** What was done with a document that holds up. */
export interface Honoured {
  readonly document: VerifiedDocument;
  /** Whether it was not known before. An approval is never kept: its absence refuses, so it may lie in the database. */
  readonly isNew: boolean;
}

/**
 * The documents that the broker honours, in its own sealed file: nobody who writes the database can add or remove one.
 *
 * Policies only move forward: each project has one, and a newer one has a greater version. Certificates, revocations and
 * rejections are kept for good. A document takes effect when it is durable; documents take turns.
 */
export class HonouredDocuments {
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly file: SealedFile,
    private readonly officers: readonly Officer[],
    private readonly clock: Clock,
    private documents: Documents,
  ) {}

  static async open(
    file: SealedFile,
    officers: readonly Officer[],
    clock: Clock,
  ): Promise<HonouredDocuments> {
    const documents = Documents.parse(JSON.parse(await file.read()));
    return new HonouredDocuments(file, officers, clock, documents);
  }

  get policies(): readonly DsseEnvelope[] {
    return this.documents.policies;
  }

  get reviewerCertificates(): readonly DsseEnvelope[] {
    return this.documents.reviewerCertificates;
  }

  get revocations(): readonly DsseEnvelope[] {
    return this.documents.revocations;
  }

  /** With the moment in which each was taken in, by this clock. */
  get destructionOrders(): readonly AcceptedOrder[] {
    return this.documents.destructionOrders.map(acceptedOrder);
  }

  get rootExportOrders(): readonly AcceptedOrder[] {
    return this.documents.rootExportOrders.map(acceptedOrder);
  }

  /** What signatures are checked against. */
  get trustMaterial(): TrustMaterial {
    const { reviewerCertificates, revocations } = this.documents;
    return { officers: this.officers.map(({ key }) => key), reviewerCertificates, revocations };
  }

  /** Rejections of the version, or of the request for data, with this digest. */
  rejectionsOf(digest: string): readonly DsseEnvelope[] {
    return this.documents.rejections.filter(
      (rejection) => readTrustDocument(rejection).subjectSha256 === digest,
    );
  }

  raisesOf(datasetId: string, declaration: string): readonly GrantedRaise[] {
    return this.documents.budgetRaises
      .filter((raise) => raise.datasetId === datasetId && raise.declaration === declaration)
      .map(({ datasetId: _, declaration: __, ...raise }) => raise);
  }

  /**
   * Keeps a change of a limit; one for a request that has been granted is answered as it was. A raise says how many lowerings it
   * knew of. `record` runs before it takes effect. @throws ReleaseRefusal `limit_lowered` when there are more by now
   */
  changeLimit(
    raise: RaiseOf,
    lowerings: number | undefined,
    record: () => Promise<void>,
  ): Promise<GrantedRaise> {
    return this.#inTurn(async () => {
      const { datasetId, declaration, request } = raise;
      const known = this.raisesOf(datasetId, declaration).find((granted) => granted.request === request);
      if (known !== undefined) return known;
      const lowered = this.raisesOf(datasetId, declaration).filter(({ lowers }) => lowers).length;
      if (lowerings !== undefined && lowerings !== lowered) throw limitLowered();
      await record();
      const next = { ...this.documents, budgetRaises: [...this.documents.budgetRaises, raise] };
      await this.file.write(JSON.stringify(next));
      this.documents = next;
      return raise;
    });
  }

  /** The policy in force for the project of this digest (`projectDigest(organization, project)`). */
  policyFor(projectDigest: string): DsseEnvelope | undefined {
    return this.policies.find((policy) => readTrustDocument(policy).subjectSha256 === projectDigest);
  }

  /**
   * Verifies a document and, unless it is an approval, keeps it. `record` runs after the check and before anything
   * changes: what it throws leaves everything as it was.
   *
   * @throws TrustError; KeybrokerError `policy_version_stale`
   */
  honour(envelope: DsseEnvelope, record: (document: VerifiedDocument) => Promise<void>): Promise<Honoured> {
    return this.#inTurn(() => this.#honour(envelope, record));
  }

  #inTurn<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #honour(
    envelope: DsseEnvelope,
    record: (document: VerifiedDocument) => Promise<void>,
  ): Promise<Honoured> {
    const document = verifyDocument(envelope, new Trust(this.trustMaterial), this.clock.now());
    const next = this.#with(envelope, document);
    if (next === undefined) return { document, isNew: false };
    await record(document);
    await this.file.write(JSON.stringify(next));
    this.documents = next;
    return { document, isNew: true };
  }

  /** The documents with this one among them; `undefined` when there is nothing to keep. */
  #with(envelope: DsseEnvelope, verified: VerifiedDocument): Documents | undefined {
    const { policies, reviewerCertificates, revocations, rejections } = this.documents;
    const add = (list: readonly DsseEnvelope[]) =>
      isKnown(verified, list) ? undefined : [...list, envelope];
    const changed = (
      list: 'policies' | 'reviewerCertificates' | 'revocations' | 'rejections',
      envelopes: DsseEnvelope[] | undefined,
    ) => envelopes && { ...this.documents, [list]: envelopes };
    switch (verified.kind) {
      case 'reviewer-certificate':
        return changed('reviewerCertificates', add(reviewerCertificates));
      case 'revocation':
        return changed('revocations', add(revocations));
      case 'approval':
      case 'data-approval':
        return verified.content.decision === 'reject' ? changed('rejections', add(rejections)) : undefined;
      case 'destruction-order':
        return this.#withOrder('destructionOrders', envelope, verified);
      case 'root-export-order':
        return this.#withOrder('rootExportOrders', envelope, verified);
      case 'policy':
        if (isKnown(verified, policies)) return undefined;
        return changed('policies', this.#replacePolicy(envelope, verified));
    }
  }

  #withOrder(
    list: 'destructionOrders' | 'rootExportOrders',
    envelope: DsseEnvelope,
    verified: VerifiedDocument,
  ): Documents | undefined {
    const orders = this.documents[list];
    const known = orders.map((order) => order.envelope);
    if (isKnown(verified, known)) return undefined;
    const accepted = { envelope, acceptedAt: this.clock.now().toISOString() };
    return { ...this.documents, [list]: [...orders, accepted] };
  }

  #replacePolicy(
    envelope: DsseEnvelope,
    { document, content }: VerifiedDocument & { kind: 'policy' },
  ): DsseEnvelope[] {
    const others = this.policies.filter(
      (policy) => readTrustDocument(policy).subjectSha256 !== document.subjectSha256,
    );
    const inForce = this.policyFor(document.subjectSha256);
    const version = inForce === undefined ? 0 : Number(readTrustDocument(inForce).predicate['version']);
    if (content.version > version) return [...others, envelope];
    throw new KeybrokerError({
      code: 'policy_version_stale',
      kind: 'conflict',
      publicDetail: `Version ${version} of this project's policy is in force; version ${content.version} is not newer.`,
    });
  }
}

function limitLowered(): ReleaseRefusal {
  const detail = 'A limit of this dataset has been lowered since that was asked for. Ask anew.';
  return new ReleaseRefusal([{ code: 'limit_lowered', detail }]);
}

function acceptedOrder({ envelope, acceptedAt }: z.infer<typeof Accepted>): AcceptedOrder {
  return { envelope, acceptedAt: new Date(acceptedAt) };
}

function isKnown({ document }: VerifiedDocument, list: readonly DsseEnvelope[]): boolean {
  return list.some((known) => readTrustDocument(known).digest === document.digest);
}
