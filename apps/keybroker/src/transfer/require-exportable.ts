import { projectDigest, type RootExportOrder } from '@castellan/approval-policy';
import type { Database } from '@castellan/database';
import { readRecipientCertificate, requireValidAt } from '@castellan/pki';
import { KeybrokerError } from '../keybroker-error.js';

/**
 * That an order names one project and one certificate that things can be sealed to now: the project's id, its names and
 * its digest belong together, and so do the certificate and its digest. Answers with the project's organisation.
 *
 * @throws KeybrokerError `root_export_unknown`; PkiError `recipient_invalid`, `recipient_not_valid_now`
 */
export async function requireExportable(
  database: Database,
  { targetId: id, organization, project: name, certificate, recipient }: RootExportOrder,
  subjectSha256: string,
  now: Date,
): Promise<{ organizationId: string }> {
  const read = readRecipientCertificate(certificate);
  if (read.sha256 !== recipient)
    throw unknown('The certificate in the order is not the one that the order names.');
  requireValidAt(read, now);
  const where = { id, name, organization: { is: { name: organization } } };
  const project = await database.client.project.findFirst({ where });
  if (project === null || projectDigest(organization, name) !== subjectSha256)
    throw unknown('There is no project with the id, the names and the digest that the order has.');
  return { organizationId: project.organizationId };
}

function unknown(publicDetail: string): KeybrokerError {
  return new KeybrokerError({ code: 'root_export_unknown', kind: 'not_found', publicDetail });
}
