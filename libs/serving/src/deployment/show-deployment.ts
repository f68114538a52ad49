import { ModelSignature, Phase, type Deployment } from '@castellan/contracts';
import type { DeploymentRow } from './deployment-store.js';

/** A deployment as the contract shows it: what was asked for, and what the gateway last saw of it. */
export function showDeployment(row: DeploymentRow): Deployment {
  const { digest, number, model } = row.version;
  return {
    id: row.id,
    name: row.name,
    project: row.project.name,
    model: model.name,
    number,
    versionId: row.versionId,
    desired: row.desired === 'running' ? 'running' : 'stopped',
    createdAt: row.createdAt.toISOString(),
    updatedAt: (row.status?.updatedAt ?? row.updatedAt).toISOString(),
    ...(digest === null ? {} : { versionDigest: digest }),
    ...(row.desired === 'running' ? seen(row.status) : { phase: 'stopped' }),
  };
}

function seen(
  status: DeploymentRow['status'],
): Pick<Deployment, 'phase' | 'reason' | 'message' | 'signature'> {
  // Started again, and the gateway has not been round since.
  if (status === null || status.phase === 'stopped') return { phase: 'pending' };
  const signature = ModelSignature.safeParse(status.signature);
  return {
    phase: Phase.parse(status.phase),
    ...(status.reason === null ? {} : { reason: status.reason }),
    ...(status.message === null ? {} : { message: status.message }),
    ...(signature.success ? { signature: signature.data } : {}),
  };
}
