import type { KeyObject } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import type { Purpose, ReleaseResponse } from '@castellan/contracts';
import { sealTo } from '@castellan/hpke';
import { unwrapDataKey, type DataKeySubject } from '@castellan/vault';
import { KeybrokerError } from '../keybroker-error.js';
import type { KeyMemory } from '../keys/key-memory.js';
import type { ProjectKeys } from '../keys/project-keys.js';
import type { Permit } from './permit-release.js';
import type { DataKeyRecord, SubjectRecords } from './subject-records.js';

const INFO = new TextEncoder().encode('castellan/release/v1');

/** To whom, and for what, data keys are sealed. All of it is bound into the sealing. */
export interface Recipient {
  readonly purpose: Purpose;
  /** `<role>/<name>` of the certificate. */
  readonly peer: string;
  /** X25519, 32 bytes, made by the recipient for this one release. */
  readonly publicKey: Uint8Array;
}

/** Unwraps the data keys of a permit and seals each to the recipient. Plain keys live for one statement. */
export class SealDataKeys {
  constructor(
    private readonly records: SubjectRecords,
    private readonly projectKeys: ProjectKeys,
    private readonly memory: KeyMemory,
  ) {}

  /** @throws KeybrokerError `key_unusable`; HpkeError `hpke_key_invalid` for the recipient's key */
  async seal(permit: Permit, recipient: Recipient): Promise<ReleaseResponse['keys']> {
    const segments = permit.files.flatMap((file) => [file, ...file.further]);
    const { kind, id: subjectId } = permit.subject;
    if (this.memory.isShredded(kind, subjectId))
      throw unusable(`The keys of this ${kind} have been destroyed.`);
    const ids = [...new Set(segments.map(({ dataKeyId }) => dataKeyId))];
    const rows = new Map((await this.records.dataKeys(ids)).map((row) => [row.id, row]));
    const sealed: ReleaseResponse['keys'] = [];
    for (const id of ids) {
      const row = rows.get(id);
      if (row === undefined || row.destroyedAt !== null) throw unusable(`The data key ${id} is gone.`);
      const { privateKey } = await this.projectKeys.open(row.kekId, permit.projectId);
      sealed.push(resealed(row, privateKey, permit, recipient));
    }
    return sealed;
  }
}

function resealed(
  row: DataKeyRecord,
  kek: KeyObject,
  permit: Permit,
  recipient: Recipient,
): ReleaseResponse['keys'][number] {
  const raw = unwrap(kek, permit, row).export();
  const { enc, ciphertext } = sealTo(recipient.publicKey, INFO, bindingOf(permit, recipient, row.id), raw);
  raw.fill(0);
  return {
    dataKeyId: row.id,
    enc: Buffer.from(enc).toString('base64'),
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  };
}

/** What the key is for comes from the permit, not from the row beside it: a key of another subject does not open. */
function unwrap(
  kek: KeyObject,
  { subject, keySubject = dataKeySubject(subject), projectId }: Permit,
  { id, wrapped }: DataKeyRecord,
): KeyObject {
  try {
    return unwrapDataKey(kek, { ...keySubject, project: projectId }, wrapped);
  } catch (cause) {
    throw unusable(`The data key ${id} does not open for this ${subject.kind}.`, cause);
  }
}

function dataKeySubject({ kind, id }: Permit['subject']): Pick<DataKeySubject, 'kind' | 'id'> {
  return { kind, id };
}

function bindingOf(
  { subject: { kind, id } }: Permit,
  { purpose, peer }: Recipient,
  dataKeyId: string,
): Uint8Array {
  return new TextEncoder().encode(canonicalize({ purpose, subject: { kind, id }, dataKeyId, peer }));
}

function unusable(publicDetail: string, cause?: unknown): KeybrokerError {
  return new KeybrokerError({ code: 'key_unusable', kind: 'internal', publicDetail, cause });
}
