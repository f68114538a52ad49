import type { ProvenTime } from './time-stamp.js';
import type { Verification } from './verify-bundle.js';

/** The report for a person: what held, what it rests on, and each fault by name. */
export function describeVerification(verification: Verification): string {
  const { version, decision, log, signer, officers, caPinned, faults, ok } = verification;
  return [
    ...(version === undefined ? [] : [`${version.model}@${version.number}  ${version.digest}`]),
    ...(version === undefined ? [] : [`exported ${version.exportedAt}`]),
    ...(decision === undefined ? [] : describeDecision(decision)),
    ...(log === undefined
      ? []
      : [`${log.records.length} records proven in the log ${log.origin} of ${log.size} leaves`]),
    ...(log?.timestamp === undefined ? [] : describeTime(log.timestamp)),
    ...(signer === undefined ? [] : [`signed by ${oneLine(signer.subject)}`]),
    ...(signer === undefined || caPinned
      ? []
      : [`the CA is taken from the bundle; compare its SHA-256 fingerprint:\n  ${signer.caFingerprint}`]),
    ...officers
      .filter(({ pinned }) => !pinned)
      .map(({ keyId }) => `an officer is taken from the bundle; compare the key id:\n  ${keyId}`),
    ...faults.map(({ code, subject, detail }) => `FAULT ${subject}: ${detail} (${code})`),
    ok ? 'All of it holds.' : `${faults.length} fault(s).`,
  ].join('\n');
}

function describeDecision({ allowed, reasons, approvals }: NonNullable<Verification['decision']>): string[] {
  return [
    ...approvals.map(
      ({ person, role, digest }) => `approved by ${person} as ${role} (${digest.slice(0, 16)}…)`,
    ),
    allowed ? 'its documents allow serving it' : 'its documents do not allow serving it:',
    ...reasons.map(({ code, detail }) => `  ${detail} (${code})`),
  ];
}

function describeTime({ time, leaves, authority, pinned }: ProvenTime): string[] {
  const unpinned = '  its certificate is taken from the bundle; pin the authority with --tsa-ca';
  return [`the first ${leaves} leaves existed at ${time}, says ${authority}`, ...(pinned ? [] : [unpinned])];
}

function oneLine(subject: string): string {
  return subject.split('\n').join(', ');
}
