import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { readPolicy, readTrustDocument } from '@castellan/approval-policy';
import type { Review } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { RegistryError } from '../registry-error.js';
import { showVersion } from '../versions/show-version.js';
import type { VersionRow } from '../versions/version-store.js';

/** Gathers what a reviewer signs over: the manifest, the policy in force by digest, the reports, and where approval stands. */
@Injectable()
export class ShowReview {
  constructor(private readonly keybroker: KeybrokerClient) {}

  async execute(actor: Actor, row: VersionRow): Promise<Review> {
    if (row.manifest === null) {
      throw new RegistryError('version_not_finalized', {
        kind: 'conflict',
        publicDetail: `${row.model.name}@${row.number} is still being uploaded; it can be reviewed once it is finalised.`,
      });
    }
    const [trust, evaluation] = await Promise.all([this.keybroker.trust(), this.keybroker.evaluate(row.id)]);
    const policy = trust.policies
      .map((envelope) => readPolicy(readTrustDocument(envelope)))
      .find(
        ({ organization, project }) =>
          organization === actor.organizationName && project === row.model.project.name,
      );
    return {
      organization: actor.organizationName,
      version: showVersion(row),
      manifest: row.manifest,
      ...(policy === undefined ? {} : { policyDigest: policy.digest }),
      evidence: row.scanReports.map(({ digest, verdict }) => ({ kind: 'scan', sha256: digest, verdict })),
      evaluation: {
        allowed: evaluation.allowed,
        reasons: evaluation.reasons,
        approvals: evaluation.approvals,
      },
    };
  }
}
