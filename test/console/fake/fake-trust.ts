import { generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  type Policy,
  policyPayload,
  readTrustDocument,
  reviewerCertificatePayload,
  Trust,
  TrustError,
  verifyDocument,
} from '@castellan/approval-policy';
import type { DsseEnvelope, TrustDocument, TrustRoot } from '@castellan/contracts';
import {
  type Envelope,
  IN_TOTO_PAYLOAD_TYPE,
  keyIdOf,
  p256PublicKeyFromPem,
  signEnvelope,
} from '@castellan/dsse';
import { FakeRefusal } from './fake-refusal.js';

const DAY_MS = 86_400_000;

/** The keybroker's side: one officer with a real key, and every document really verified. */
export class FakeTrust {
  readonly #officer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #documents: TrustDocument[] = [];

  constructor(
    private readonly organization: string,
    private readonly log: { readonly origin: string; readonly vkey: string },
  ) {}

  get officerKeys() {
    return [this.#officer.publicKey];
  }

  /** The newest policy's envelope. */
  get policy(): DsseEnvelope | undefined {
    return this.#ofKind('policy').at(-1)?.envelope;
  }

  setPolicy(project: string, now: Date, terms: Partial<Pick<Policy, 'quorum' | 'version'>> = {}): void {
    const payload = policyPayload({
      organization: this.organization,
      project,
      version: terms.version ?? 1,
      quorum: terms.quorum ?? [{ role: 'reviewer', count: 1 }],
      gates: { scan: 'clean' },
      approvalMaxAgeDays: 90,
    });
    this.submit(this.#officerSigns(payload), randomUUID(), now);
  }

  /** What `castellan keys certify` does with a reviewer's request. */
  certify(person: string, publicKey: string, now: Date): void {
    const payload = reviewerCertificatePayload({
      keyId: keyIdOf(p256PublicKeyFromPem(publicKey)),
      organization: this.organization,
      projects: ['*'],
      roles: ['reviewer'],
      person,
      publicKey,
      notBefore: new Date(now.getTime() - DAY_MS).toISOString(),
      notAfter: new Date(now.getTime() + 365 * DAY_MS).toISOString(),
      serial: randomUUID(),
    });
    this.submit(this.#officerSigns(payload), randomUUID(), now);
  }

  /** Verified as the broker verifies it; kept. @throws FakeRefusal with the rule's own code */
  submit(envelope: DsseEnvelope, submittedBy: string, now: Date): TrustDocument {
    try {
      const trust = new Trust({ officers: this.officerKeys, ...this.material() });
      const { kind, document } = verifyDocument(envelope, trust, now);
      const { digest, subjectSha256: subject } = document;
      const kept = { digest, kind, subject, envelope, submittedBy, createdAt: now.toISOString() };
      this.#documents.push(kept);
      return kept;
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      throw new FakeRefusal(error.kind === 'invalid' ? 400 : 403, error.code, error.publicDetail);
    }
  }

  documents(kind?: string, subject?: string): TrustDocument[] {
    return this.#documents.filter(
      (document) =>
        (kind === undefined || document.kind === kind) &&
        (subject === undefined || document.subject === subject),
    );
  }

  approvalsFor(versionDigest: string): DsseEnvelope[] {
    return this.documents('approval', versionDigest).map(({ envelope }) => envelope);
  }

  material() {
    const envelopes = (kind: TrustDocument['kind']) => this.#ofKind(kind).map(({ envelope }) => envelope);
    return { reviewerCertificates: envelopes('reviewer-certificate'), revocations: envelopes('revocation') };
  }

  root(): TrustRoot {
    const { reviewerCertificates, revocations } = this.material();
    return {
      logOrigin: this.log.origin,
      logVkey: this.log.vkey,
      caPem: 'not used by the console',
      officers: [
        {
          keyId: keyIdOf(this.#officer.publicKey),
          name: 'officer-1',
          publicKey: this.#officer.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        },
      ],
      policies: this.policy === undefined ? [] : [this.policy],
      reviewerCertificates,
      revocations,
    };
  }

  #ofKind(kind: TrustDocument['kind']): TrustDocument[] {
    return this.#documents.filter((document) => document.kind === kind);
  }

  #officerSigns(payload: Uint8Array): DsseEnvelope {
    return asJson(signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, this.#officer.privateKey));
  }
}

/** The envelope's lists as JSON has them. */
export function asJson({ payload, payloadType, signatures }: Envelope): DsseEnvelope {
  return { payload, payloadType, signatures: [...signatures] };
}

export function digestOf(envelope: DsseEnvelope): string {
  return readTrustDocument(envelope).digest;
}
