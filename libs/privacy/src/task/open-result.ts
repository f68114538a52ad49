import { createHash } from 'node:crypto';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import type { ResultKey } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { SealedStore } from '@castellan/vault';
import { Injectable } from '@nestjs/common';
import { PrivacyError } from '../privacy-error.js';
import { taskEvents } from './task-events.js';
import type { TaskRow } from './task-store.js';

/** `<role>/<name>` of the api's certificate: the broker binds it into what it seals. */
const PEER = 'api/api';

/**
 * Hands a result out, still sealed: its ciphertext, and its key sealed by the keybroker to the key of whoever asks. This
 * process passes both on and can open neither, unless it puts a key of its own in the asker's place: see DESIGN.
 */
@Injectable()
export class OpenResult {
  constructor(
    private readonly keybroker: KeybrokerClient,
    private readonly sealed: SealedStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws result_missing, result_not_yours; release_refused, with the reasons */
  async key(actor: Actor, task: TaskRow, publicKey: string): Promise<ResultKey> {
    if (task.resultBlobKey === null) throw missing(task);
    if (task.kind === 'reidentify' && task.requestedById !== actor.personId) throw notYours(task);
    if (task.kind === 'outliers' && task.dataset.stewardId !== actor.personId) throw notYours(task);
    const recipient = createHash('sha256').update(publicKey, 'base64').digest('hex');
    await this.audit.appendDurably(taskEvents.resultOpened(actor, task, recipient));
    const subject = { kind: 'task', id: task.id } as const;
    const release = await this.keybroker.release({
      purpose: 'export',
      subject,
      ephemeralPublicKey: publicKey,
    });
    const [file, key] = [release.files[0], release.keys[0]];
    if (file === undefined || key === undefined) throw missing(task);
    const { path, sizeBytes, sha256 } = file;
    const { dataKeyId } = key;
    return {
      ...key,
      aad: canonicalize({ purpose: 'export', subject, dataKeyId, peer: PEER }),
      path,
      sizeBytes,
      sha256,
    };
  }

  /** @throws result_missing */
  ciphertext(task: TaskRow): AsyncIterable<Uint8Array> {
    if (task.resultBlobKey === null) throw missing(task);
    return this.sealed.read(task.resultBlobKey);
  }
}

function missing({ state }: TaskRow): PrivacyError {
  return new PrivacyError('result_missing', {
    kind: 'conflict',
    publicDetail: `The task is ${state}: it has no result.`,
  });
}

function notYours({ requestedByName }: TaskRow): PrivacyError {
  return new PrivacyError('result_not_yours', {
    kind: 'forbidden',
    publicDetail: `Only ${requestedByName}, who asked for it, opens this result.`,
  });
}
