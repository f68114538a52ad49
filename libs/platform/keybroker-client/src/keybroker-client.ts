import {
  CmsResponse,
  DataEvaluation,
  Evaluation,
  ExpiryPermitResponse,
  ForwardingKeyResponse,
  GrantedRaise,
  GrantedRaises,
  HonourResponse,
  ImportedKeys,
  KekResponse,
  KeyRecipient,
  OpenedPersonKeys,
  OrderedDestructionList,
  OrderedExportList,
  ProjectRootPackage,
  ReleaseResponse,
  RenewResponse,
  RetireKekResponse,
  RewrapResponse,
  RotateKekResponse,
  S3SecretResponse,
  SealedPersonKey,
  SignCheckpointResponse,
  TrustRoot,
  type DsseEnvelope,
  type ImportKeys,
  type ReleaseRequest,
  type RewrapRequest,
} from '@castellan/contracts';
import { z } from 'zod';

/**
 * One JSON call to the keybroker over mutual TLS. Answers the parsed body of a 2xx; turns a problem+json answer into a
 * CastellanError with the broker's own code, kind, detail and meta; an unreachable broker is `keybroker_unavailable`.
 */
export type KeybrokerCall = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>;

const LastCheckpoint = z.object({ note: z.string().optional() });

/** The keybroker as other processes see it. Which calls are answered depends on the role in the caller's certificate. */
export class KeybrokerClient {
  constructor(private readonly call: KeybrokerCall) {}

  /** The project's current key-encryption key; its public part may be trusted because it comes from the broker itself. */
  async keyEncryptionKey(projectId: string): Promise<KekResponse> {
    return KekResponse.parse(await this.call('POST', '/v1/keks', { projectId }));
  }

  /** A new key for a person's attributes in the log; the caller stores it. @throws `person_erased` */
  async makePersonKey(personId: string): Promise<SealedPersonKey> {
    return SealedPersonKey.parse(await this.call('POST', '/v1/person-keys', { personId }));
  }

  /** The private halves of these, at most 500; of people who were erased there are none. */
  async openPersonKeys(keys: readonly SealedPersonKey[]): Promise<OpenedPersonKeys['keys']> {
    return OpenedPersonKeys.parse(await this.call('POST', '/v1/person-keys/open', { keys })).keys;
  }

  /** Makes the version after `fromVersion`. @throws `kek_version_stale` with `meta.version` when another is current */
  async rotateKek(projectId: string, fromVersion: number): Promise<RotateKekResponse> {
    return RotateKekResponse.parse(await this.call('POST', '/v1/keks/rotate', { projectId, fromVersion }));
  }

  /** Re-wraps the next data keys of a project to its current key-encryption key; again does no harm. */
  async rewrap(request: RewrapRequest): Promise<RewrapResponse> {
    return RewrapResponse.parse(await this.call('POST', '/v1/keks/rewrap', request));
  }

  /** Destroys an older key-encryption key; again does no harm. @throws `kek_in_use` */
  async retireKek(projectId: string, version: number): Promise<Date> {
    const answer = await this.call('POST', '/v1/keks/retire', { projectId, version });
    return new Date(RetireKekResponse.parse(answer).retiredAt);
  }

  /** What is ordered to be destroyed and what is destroyed, of every organisation. */
  async orderedDestructions(): Promise<OrderedDestructionList> {
    return OrderedDestructionList.parse(await this.call('GET', '/v1/destructions'));
  }

  /** Destroys keys for good. @throws `destruction_not_due`, `destruction_blocked`, `destruction_target_unknown` */
  async carryOutDestruction(targetId: string): Promise<void> {
    await this.call('POST', '/v1/destructions/carry-out', { targetId });
  }

  /** Which projects' keys are ordered to leave, of every organisation. */
  async orderedExports(): Promise<OrderedExportList> {
    return OrderedExportList.parse(await this.call('GET', '/v1/root-exports'));
  }

  /** Seals a project's keys to a certificate. @throws `root_export_not_ordered`, `recipient_not_valid_now` */
  async exportRoot(projectId: string, recipient: string): Promise<ProjectRootPackage> {
    return ProjectRootPackage.parse(await this.call('POST', '/v1/root-exports', { projectId, recipient }));
  }

  /** A certificate that one project's keys can be sealed to elsewhere. */
  async createRootRecipient(organizationId: string): Promise<KeyRecipient> {
    return KeyRecipient.parse(await this.call('POST', '/v1/root-recipients', { organizationId }));
  }

  /** Takes a project's keys in; the same package again does no harm. @throws `root_recipient_spent` and others */
  async importRoot(organizationId: string, request: ImportKeys): Promise<ImportedKeys> {
    const body = { organizationId, ...request };
    return ImportedKeys.parse(await this.call('POST', '/v1/root-imports', body));
  }

  /** Verifies a signed document; policies, reviewer certificates and revocations take effect by this call. */
  async honour(envelope: DsseEnvelope): Promise<HonourResponse> {
    return HonourResponse.parse(await this.call('POST', '/v1/documents', { envelope }));
  }

  /** The rule of a release without a release: may this version be served now, and if not, why. */
  async evaluate(versionId: string): Promise<Evaluation> {
    return Evaluation.parse(await this.call('POST', '/v1/evaluations', { versionId }));
  }

  /** Whether a request for protected data has the signatures it takes, and if not, why. */
  async evaluateData(taskId: string): Promise<DataEvaluation> {
    return DataEvaluation.parse(await this.call('POST', '/v1/data-evaluations', { taskId }));
  }

  /** Raises a limit of a privacy ledger; again does no harm. @throws `release_refused` with `meta.reasons` */
  async raiseBudget(taskId: string): Promise<GrantedRaise> {
    return GrantedRaise.parse(await this.call('POST', '/v1/budgets/raise', { taskId }));
  }

  /** All raises that were granted to the dataset with this document, oldest first. */
  async budgetRaises(datasetId: string, declaration: string): Promise<readonly GrantedRaise[]> {
    const body = { datasetId, declaration };
    return GrantedRaises.parse(await this.call('POST', '/v1/budgets/raises', body)).raises;
  }

  /** Asks for data keys, sealed to `ephemeralPublicKey`. @throws `release_refused` with `meta.reasons` */
  async release(request: ReleaseRequest): Promise<ReleaseResponse> {
    return ReleaseResponse.parse(await this.call('POST', '/v1/release', request));
  }

  /** Extends a lease; the release rule is judged again. @throws `release_refused` */
  async renew(leaseId: string): Promise<Date> {
    const { expiresAt } = RenewResponse.parse(await this.call('POST', `/v1/leases/${leaseId}/renew`, {}));
    return new Date(expiresAt);
  }

  /** @throws `checkpoint_conflict` with `meta.last`, the broker's own last note, when `oldSize` is not its last size */
  async signCheckpoint(oldSize: number, proof: readonly Uint8Array[], checkpoint: string): Promise<string> {
    const body = {
      oldSize: oldSize.toString(),
      proof: proof.map((hash) => Buffer.from(hash).toString('base64')),
      checkpoint,
    };
    return SignCheckpointResponse.parse(await this.call('POST', '/v1/checkpoints', body)).note;
  }

  async lastCheckpoint(): Promise<string | undefined> {
    return LastCheckpoint.parse(await this.call('GET', '/v1/checkpoints/last')).note;
  }

  /** Lets the payloads of these leaves (`0-99,101`) go. @throws `expiry_refused` for one that must be kept */
  async permitExpiry(leaves: string): Promise<string> {
    return ExpiryPermitResponse.parse(await this.call('POST', '/v1/expiry-permits', { leaves })).permit;
  }

  async trust(): Promise<TrustRoot> {
    return TrustRoot.parse(await this.call('GET', '/v1/trust'));
  }

  /** The key that deliveries to a webhook are signed with, base64url: always the same one for a target. */
  async forwardingKey(targetId: string): Promise<string> {
    return ForwardingKeyResponse.parse(await this.call('POST', '/v1/forwarding-keys', { targetId })).key;
  }

  /** What S3 clients sign with in the name of an API key, base64url: always the same one for a key. */
  async s3Secret(credentialId: string): Promise<string> {
    return S3SecretResponse.parse(await this.call('POST', '/v1/s3-secrets', { credentialId })).secret;
  }

  /** Detached CMS signature (PEM) over `content` by the platform certificate. */
  async signCms(content: Uint8Array): Promise<string> {
    const body = { content: Buffer.from(content).toString('base64') };
    return CmsResponse.parse(await this.call('POST', '/v1/cms', body)).cms;
  }
}
