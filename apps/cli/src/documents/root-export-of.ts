import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { rootExportOrderPayload } from '@castellan/approval-policy';
import { CastellanError } from '@castellan/errors';
import type { ApiClient } from '../client/api-client.js';
import { daysAfter } from './days.js';

/** Nothing leaves on an older order. */
const ORDER_DAYS = 7;

export interface RecipientFile {
  readonly pem: string;
  /** SHA-256 of the DER. */
  readonly sha256: string;
  readonly subject: string;
}

/** @throws CastellanError `recipient_unreadable` */
export function readRecipient(pem: string, file: string): RecipientFile {
  try {
    const { raw, subject } = new X509Certificate(pem);
    return { pem, subject, sha256: createHash('sha256').update(raw).digest('hex') };
  } catch (cause) {
    const publicDetail = `${file} is no certificate: "castellan keys receive" makes one, on the receiving platform.`;
    throw new CastellanError({ code: 'recipient_unreadable', kind: 'invalid', publicDetail, cause });
  }
}

/** What one of two people signs so that a project's keys are sealed to a certificate. */
export async function rootExportOf(
  api: ApiClient,
  project: string,
  { pem: certificate, sha256: recipient }: RecipientFile,
  {
    reason,
    person,
    now,
  }: { readonly reason: string; readonly person?: string | undefined; readonly now: Date },
): Promise<Uint8Array<ArrayBuffer>> {
  const { organization, name: signedIn } = await api.me();
  const found = (await api.projects()).projects.find(({ name }) => name === project);
  if (found === undefined) {
    const publicDetail = `Your organisation has no project "${project}".`;
    throw new CastellanError({ code: 'project_unknown', kind: 'not_found', publicDetail });
  }
  const sha256 = createHash('sha256').update(`${organization}/${project}`, 'utf8').digest('hex');
  return rootExportOrderPayload(
    { name: project, sha256 },
    {
      targetId: found.id,
      organization,
      project,
      recipient,
      certificate,
      person: person ?? signedIn,
      reason,
      issuedAt: now.toISOString(),
      expiresAt: daysAfter(now, ORDER_DAYS),
      nonce: randomUUID(),
    },
  );
}
