import { createPublicKey, type KeyObject } from 'node:crypto';
import type { AuditLog, Clock } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import type { KeyRecipient } from '@castellan/contracts';
import type { Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { exportPrivateKey, generateKeyPair, importPrivateKey } from '@castellan/hpke';
import type { Peer } from '@castellan/http';
import type { Kms } from '@castellan/kms';
import {
  readRecipientCertificate,
  requireValidAt,
  type CertificateAuthority,
  type RecipientCertificate,
} from '@castellan/pki';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';

/** Time for two people elsewhere to sign, and for the package to come back. */
const RECIPIENT_TTL_MS = 14 * 86_400_000;

/**
 * Certificates of this platform's own that a project's keys can be sealed to. The private half lies in the database,
 * sealed by the KMS and bound to the certificate and the organisation; it is erased once it has received.
 */
export class RootRecipients {
  constructor(
    private readonly database: Database,
    private readonly kms: Kms,
    private readonly authority: CertificateAuthority,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  async create(organizationId: string, peer: Peer): Promise<KeyRecipient> {
    const organization = await this.organization(organizationId);
    const { privateKey } = generateKeyPair();
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const commonName = `Castellan keys for ${organization}`;
    const terms = { commonName, ttlMs: RECIPIENT_TTL_MS, now: this.clock.now() };
    const certificate = this.authority.certifyRecipient(spki, terms);
    const { sha256: id, notAfter } = readRecipientCertificate(certificate);
    const raw = exportPrivateKey(privateKey);
    const sealedPrivate = Buffer.from(await this.kms.seal(raw, contextOf(id, organizationId)));
    raw.fill(0);
    await this.database.transaction(async (tx) => {
      await tx.rootRecipient.create({ data: { id, organizationId, certificate, sealedPrivate } });
      await this.audit.append(
        tx,
        keybrokerEvents.event('root-recipient.created', {
          actor: actorOf(peer),
          decision: 'allow',
          organizationId,
          resource: { kind: 'root-recipient', id, digest: id },
          details: { validUntil: notAfter.toISOString() },
        }),
      );
    });
    return { certificate, sha256: id, validUntil: notAfter.toISOString() };
  }

  /**
   * One of this organisation's that is valid now.
   * @throws KeybrokerError `root_recipient_unknown`; PkiError `recipient_not_valid_now`
   */
  async find(id: string, organizationId: string): Promise<RecipientCertificate> {
    const row = await this.database.client.rootRecipient.findUnique({ where: { id } });
    const certificate = row === null ? undefined : readRecipientCertificate(row.certificate);
    if (row?.organizationId !== organizationId || certificate?.sha256 !== id) throw unknown();
    requireValidAt(certificate, this.clock.now());
    return certificate;
  }

  /** @throws KeybrokerError `root_recipient_unknown` when the row is gone or another than was stored */
  async open(id: string, organizationId: string): Promise<KeyObject> {
    const row = await this.database.client.rootRecipient.findUnique({ where: { id } });
    const context = contextOf(id, organizationId);
    const raw = await this.kms
      .unseal(row?.sealedPrivate ?? Buffer.alloc(0), context)
      .catch((cause: unknown) => {
        throw cause instanceof CastellanError && cause.kind === 'unavailable' ? cause : unknown(cause);
      });
    const privateKey = importPrivateKey(raw);
    raw.fill(0);
    return privateKey;
  }

  async erase(id: string): Promise<void> {
    const data = { sealedPrivate: Buffer.alloc(0), usedAt: this.clock.now() };
    await this.database.client.rootRecipient.updateMany({ where: { id, usedAt: null }, data });
  }

  async organization(id: string): Promise<string> {
    const row = await this.database.client.organization.findUnique({ where: { id } });
    if (row !== null) return row.name;
    const publicDetail = 'There is no such organisation.';
    throw new KeybrokerError({ code: 'organization_unknown', kind: 'not_found', publicDetail });
  }
}

function contextOf(id: string, organization: string): string {
  return `castellan/root-recipient/v1/${canonicalize({ id, organization })}`;
}

function unknown(cause?: unknown): KeybrokerError {
  return new KeybrokerError({
    code: 'root_recipient_unknown',
    kind: 'not_found',
    publicDetail:
      'The package is sealed to a certificate that this platform did not make for your organisation.',
    cause,
  });
}
