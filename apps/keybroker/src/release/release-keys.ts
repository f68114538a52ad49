import { createHash } from 'node:crypto';
import type { AuditLog } from '@castellan/audit';
import type { ReleaseRequest, ReleaseResponse, RenewResponse } from '@castellan/contracts';
import type { Peer } from '@castellan/http';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import type { Lease, Leases } from './leases.js';
import type { Permit, PermitRelease } from './permit-release.js';
import type { ProveRecorded } from './prove-recorded.js';
import { ReleaseRefusal } from './release-refusal.js';
import type { RequestRate } from '../request-rate.js';
import type { SealDataKeys } from './seal-data-keys.js';

/** What a renewal asks beyond a release: that it is still about the content whose keys were released. */
interface Renewal {
  holds(permit: Permit): boolean;
  onRefusal(): void;
}

/** One request for keys, or to keep them. */
type Asked = Pick<ReleaseRequest, 'purpose' | 'subject' | 'deployment'>;

/**
 * Lets data keys out, sealed to the one process that asked. The order is the promise: judge, seal, record, prove that it
 * is recorded, and only then answer. A failure of any step leaves the keys here.
 */
export class ReleaseKeys {
  constructor(
    private readonly rate: RequestRate,
    private readonly permits: PermitRelease,
    private readonly sealing: SealDataKeys,
    private readonly journal: ProveRecorded,
    private readonly audit: AuditLog,
    private readonly leases: Leases,
  ) {}

  /** @throws ReleaseRefusal; KeybrokerError `request_rate_exceeded`, `key_unusable`, `release_unproven` */
  async release(request: ReleaseRequest, peer: Peer): Promise<ReleaseResponse> {
    const { purpose, subject, deployment } = request;
    const holder = `${peer.role}/${peer.name}`;
    this.rate.take(holder);
    const permit = await this.#permit(request, peer);
    const publicKey = Buffer.from(request.ephemeralPublicKey, 'base64');
    const keys = await this.sealing.seal(permit, { purpose, peer: holder, publicKey });
    await this.journal.record(releasedEvent(request, permit, peer, keys));
    const terms = {
      purpose,
      subject,
      holder,
      ...optional({ deployment, versionDigest: permit.versionDigest }),
    };
    const { id, expiresAt } = this.leases.grant(terms);
    return {
      subject,
      ...optional({ manifest: permit.manifest, versionDigest: permit.versionDigest }),
      ...optional({ treesAttested: permit.treesAttested }),
      files: permit.files.map(({ path, sizeBytes, sha256, blobKey, dataKeyId, further }) => ({
        path,
        sizeBytes,
        sha256,
        blobKey,
        dataKeyId,
        further: [...further],
      })),
      keys,
      lease: { id, expiresAt: expiresAt.toISOString() },
    };
  }

  /** Judges again; the lease ends with the first refusal. @throws ReleaseRefusal; KeybrokerError `lease_unknown` */
  async renew(leaseId: string, peer: Peer): Promise<RenewResponse> {
    const lease = this.leases.heldBy(`${peer.role}/${peer.name}`, leaseId);
    await this.#permit(lease, peer, {
      holds: (permit) => permit.versionDigest === lease.versionDigest,
      onRefusal: () => this.leases.end(lease),
    });
    return { expiresAt: this.leases.extend(lease).expiresAt.toISOString() };
  }

  async #permit(asked: Asked | Lease, peer: Peer, renewal?: Renewal): Promise<Permit> {
    try {
      const permit = await this.permits.permit(asked.purpose, asked.subject, peer);
      if (renewal?.holds(permit) === false) throw contentChanged();
      return permit;
    } catch (refusal) {
      if (!(refusal instanceof ReleaseRefusal)) throw refusal;
      renewal?.onRefusal();
      await this.audit.appendDurably(refusedEvent(asked, refusal, peer));
      throw refusal;
    }
  }
}

function releasedEvent(request: ReleaseRequest, permit: Permit, peer: Peer, keys: ReleaseResponse['keys']) {
  const { purpose, subject, deployment, ephemeralPublicKey } = request;
  const { versionDigest, policyDigest, approvals, organizationId } = permit;
  return keybrokerEvents.event('key.released', {
    actor: actorOf(peer),
    decision: 'allow',
    organizationId,
    resource: { ...subject, ...optional({ digest: versionDigest }) },
    details: {
      purpose,
      dataKeyIds: keys.map(({ dataKeyId }) => dataKeyId),
      recipient: createHash('sha256').update(ephemeralPublicKey, 'base64').digest('hex'),
      ...optional({ deployment, policyDigest, approvals: approvals && [...approvals] }),
    },
  });
}

function refusedEvent(
  { purpose, subject, deployment }: Asked | Lease,
  { reasons, publicDetail }: ReleaseRefusal,
  peer: Peer,
) {
  return keybrokerEvents.event('key.refused', {
    actor: actorOf(peer),
    decision: 'deny',
    reason: publicDetail,
    resource: subject,
    details: { purpose, reasons: reasons.map(({ code }) => code), ...optional({ deployment }) },
  });
}

/** The row was pointed at other content while its old keys are held: approvals of the new don't keep the old alive. */
function contentChanged(): ReleaseRefusal {
  const detail = 'The version is not the one any more whose keys were released.';
  return new ReleaseRefusal([{ code: 'content_changed', detail }]);
}

/** The members that are there: JSON has no undefined. */
function optional<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: NonNullable<Members[Name]> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Members]?: NonNullable<Members[Name]>;
  };
}
