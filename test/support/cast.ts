import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { policyPayload } from '@castellan/approval-policy';
import type { RoleBinding } from '@castellan/contracts';
import { ApiClient } from '../../apps/cli/src/client/api-client.js';
import { GatewayClient } from '../../apps/cli/src/client/gateway-client.js';
import { keyFromLink } from '../../apps/cli/src/client/sign-in.js';
import { certificateFor } from '../../apps/cli/src/documents/certificate-for.js';
import { decisionOn } from '../../apps/cli/src/documents/decision-on.js';
import { signDocument } from '../../apps/cli/src/documents/sign-document.js';
import { publicPart, readKeyFile } from '../../apps/cli/src/keys/key-file.js';
import { eventually } from './eventually.js';
import type { RunningCastellan } from './running-castellan.js';
import type { DsseEnvelope, Version } from '@castellan/contracts';
import { join } from 'node:path';

/** Somebody with an API key and, if they sign, a key of their own. */
export class Player {
  readonly api: ApiClient;
  readonly gateway: GatewayClient;
  readonly signingKey: KeyObject = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

  constructor(
    readonly id: string,
    readonly name: string,
    readonly token: string,
    at: { readonly apiUrl: string; readonly gatewayUrl: string },
  ) {
    this.api = new ApiClient({ url: at.apiUrl, token });
    this.gateway = new GatewayClient({ url: at.gatewayUrl, token });
  }
}

/** The people of an installation that nobody has used yet, and a policy: one reviewer, a clean scan. */
export class Cast {
  private constructor(
    readonly admin: Player,
    readonly author: Player,
    readonly reviewer: Player,
    readonly steward: Player,
    readonly analyst: Player,
    readonly consumer: Player,
    readonly officer: KeyObject,
  ) {}

  static async assemble(castellan: RunningCastellan): Promise<Cast> {
    const admin = await administrator(castellan);
    const join = (name: string, ...roles: RoleBinding['role'][]): Promise<Player> =>
      addPerson(castellan, admin, name, roles);
    const officer = await officerKey(castellan);
    const [author, reviewer, steward, analyst, consumer] = await Promise.all([
      // Who writes models may review those of others: what is refused is the review of one's own.
      join('ada', 'author', 'reviewer'),
      join('rita', 'reviewer'),
      join('stella', 'steward'),
      join('anna', 'analyst'),
      join('till', 'consumer'),
    ]);
    const cast = new Cast(admin, author, reviewer, steward, analyst, consumer, officer);
    await cast.certify(author);
    await cast.certify(reviewer);
    await admin.api.submitDocument(signDocument(policy, officer));
    return cast;
  }

  /** The officer makes a reviewer of somebody. */
  async certify(person: Player): Promise<void> {
    const request = { format: 'castellan.key-request/v1', organization: 'castellan' } as const;
    const scope = { projects: ['default'], roles: ['reviewer'], from: new Date(), days: 30 };
    const certificate = certificateFor(
      { ...request, person: person.name, ...publicPart(person.signingKey) },
      scope,
    );
    await this.admin.api.submitDocument(signDocument(certificate, this.officer));
  }

  /** The author makes a version of these files, as far as the scan's verdict. */
  async publish(model: string, files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>): Promise<Version> {
    const { api } = this.author;
    await api.createModel({ project: 'default', name: model }).catch(() => undefined);
    const { id } = await api.createVersion(model);
    for (const [path, body] of Object.entries(files)) await api.putFile(id, path, { body });
    await api.finalize(id);
    return this.scanned(id);
  }

  scanned(id: string): Promise<Version> {
    return eventually(`version ${id} is scanned`, async () => {
      const version = await this.author.api.version(id);
      return version.stage === 'quarantined' ? undefined : version;
    });
  }

  /** A signed approval, not handed in. */
  async approvalOf(version: string, by: Player): Promise<DsseEnvelope> {
    const review = await by.api.review(version);
    const decision = { decision: 'approve', person: by.name, reason: 'reviewed', days: 30 } as const;
    return signDocument(decisionOn(review, { ...decision, issuedAt: new Date() }), by.signingKey);
  }

  async approve(version: string): Promise<void> {
    await this.reviewer.api.submitDocument(await this.approvalOf(version, this.reviewer));
  }
}

const policy = policyPayload({
  ...{ organization: 'castellan', project: 'default', version: 1 },
  ...{ quorum: [{ role: 'reviewer', count: 1 }], gates: { scan: 'clean' }, approvalMaxAgeDays: 90 },
});

async function administrator(castellan: RunningCastellan): Promise<Player> {
  if (castellan.signInSecret === undefined) throw new Error('this installation has had its first start');
  const token = await keyFromLink(castellan.apiUrl, castellan.signInSecret, 'test');
  const { id, name } = await new ApiClient({ url: castellan.apiUrl, token }).me();
  return new Player(id, name, token, castellan);
}

async function addPerson(
  castellan: RunningCastellan,
  admin: Player,
  name: string,
  roles: RoleBinding['role'][],
): Promise<Player> {
  const bindings = roles.map((role) => ({ role, project: 'default' }));
  const { id } = await admin.api.createPerson({ name, displayName: name, roles: bindings });
  const { secret } = await admin.api.createCredential(id, { kind: 'api_key', label: 'test' });
  return new Player(id, name, secret, castellan);
}

/** The key that a first start without an officer makes. */
function officerKey({ data }: RunningCastellan): Promise<KeyObject> {
  return readKeyFile(join(data, 'officer.key.pem'), () => Promise.reject(new Error('it has no passphrase')));
}
