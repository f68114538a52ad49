import { randomUUID } from 'node:crypto';
import { reviewerCertificatePayload } from '@castellan/approval-policy';
import type { KeyRequest } from '../keys/key-request.js';
import { daysAfter } from './days.js';

export interface ReviewerScope {
  readonly projects: readonly string[];
  readonly roles: readonly string[];
  readonly from: Date;
  readonly days: number;
}

/** What an officer signs to make a reviewer of the one who asked. */
export function certificateFor(
  request: KeyRequest,
  { projects, roles, from, days }: ReviewerScope,
): Uint8Array<ArrayBuffer> {
  const { keyId, organization, person, publicKey } = request;
  return reviewerCertificatePayload({
    keyId,
    organization,
    projects,
    roles,
    person,
    publicKey,
    notBefore: from.toISOString(),
    notAfter: daysAfter(from, days),
    serial: randomUUID(),
  });
}
