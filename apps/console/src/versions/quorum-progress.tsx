import { Group, Progress, Stack, Text } from '@mantine/core';
import type { Review } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import type { Policy } from '../review/predicates.js';
import { usePolicy } from '../review/trust-queries.js';
import { Digest } from '../ui/digest.js';
import { useRoleName } from '../session/role-name.js';
import { Icon } from '../ui/icon.js';

/** The policy in force in plain words, and how far this version has come under it. */
export function QuorumProgress({ review }: { readonly review: Review }) {
  const { t } = useTranslation();
  const policy = usePolicy(review.policyDigest);
  if (review.policyDigest === undefined)
    return (
      <Text fz="sm" c="dimmed">
        {t('review.noPolicy')}
      </Text>
    );
  return (
    <Stack gap="sm">
      {policy.data && <Terms policy={policy.data.predicate} review={review} />}
      <Text fz="sm" c="dimmed" component="div">
        {policy.data
          ? t('review.policyVersion', {
              version: policy.data.predicate.version,
              days: policy.data.predicate.approvalMaxAgeDays,
            })
          : t('review.policy')}{' '}
        <Digest value={review.policyDigest} label={t('review.policyDigest')} />
      </Text>
    </Stack>
  );
}

function Terms({ policy, review }: { readonly policy: Policy; readonly review: Review }) {
  const { t } = useTranslation();
  const roleName = useRoleName();
  const { approvals } = review.evaluation;
  return (
    <>
      {policy.quorum.map(({ role, count }) => {
        const given = Math.min(count, approvals.filter((approval) => approval.role === role).length);
        return (
          <div key={role}>
            <Group justify="space-between" mb={4}>
              <Text fz="sm" fw={600}>
                {t('review.quorum', { role: roleName(role) })}
              </Text>
              <Text fz="sm">{t('review.quorumGiven', { given, count })}</Text>
            </Group>
            <Progress
              value={(100 * given) / count}
              color={given >= count ? 'teal' : 'ink'}
              aria-label={t('review.quorum', { role: roleName(role) })}
            />
          </div>
        );
      })}
      {policy.gates.scan !== undefined && <Gate wanted={policy.gates.scan} review={review} />}
    </>
  );
}

function Gate({ wanted, review }: { readonly wanted: string; readonly review: Review }) {
  const { t } = useTranslation();
  const met = review.evidence.some(({ kind, verdict }) => kind === 'scan' && verdict === wanted);
  return (
    <Group gap={8} fz="sm" c={met ? 'var(--castellan-good)' : 'var(--castellan-bad)'}>
      <Icon name={met ? 'check' : 'cross'} size={16} />
      {t(met ? 'review.gateMet' : 'review.gateUnmet', { gate: t('review.gate'), verdict: wanted })}
    </Group>
  );
}
