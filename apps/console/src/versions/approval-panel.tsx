import { Button, Group, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Review } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { DecideDialog } from '../review/decide-dialog.js';
import { RevokeDialog } from '../review/revoke-dialog.js';
import { NeedsRole } from '../session/needs-role.js';
import { useSession } from '../session/session-context.js';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/panel.js';
import { Pill } from '../ui/pill.js';
import { QuorumProgress } from './quorum-progress.js';

/** Whether the version may be served now, by the keybroker's judgement, and what a reviewer can do about it. */
export function ApprovalPanel({ review }: { readonly review: Review }) {
  const { t } = useTranslation();
  const { evaluation } = review;
  const revoked = isRevoked(review);
  return (
    <Panel
      title={t('review.title')}
      hint={t('review.hint')}
      aside={
        <Pill tone={evaluation.allowed ? 'good' : isOpen(review) ? 'wait' : 'bad'}>
          {evaluation.allowed ? t('review.allowed') : t('review.notAllowed')}
        </Pill>
      }
    >
      <Stack gap="lg">
        <QuorumProgress review={review} />
        {evaluation.reasons.length > 0 && (
          <div>
            <Text fz="sm" fw={600} mb={6}>
              {t('review.inTheWay')}
            </Text>
            <List
              size="sm"
              spacing={4}
              icon={
                <Text span c="var(--castellan-bad)" display="flex">
                  <Icon name="cross" size={15} />
                </Text>
              }
            >
              {evaluation.reasons.map(({ code, detail }) => (
                <List.Item key={code + detail}>
                  {detail}{' '}
                  <Text span fz="xs" c="dimmed" ff="monospace">
                    {code}
                  </Text>
                </List.Item>
              ))}
            </List>
          </div>
        )}
        {!revoked && <Decide review={review} />}
      </Stack>
    </Panel>
  );
}

function Decide({ review }: { readonly review: Review }) {
  const { t } = useTranslation();
  const { me, may } = useSession();
  const { version } = review;
  const [decision, setDecision] = useState<'approve' | 'reject'>('approve');
  const [deciding, decide] = useDisclosure();
  const [revoking, revoke] = useDisclosure();
  if (!may('submit:TrustDocument'))
    return <NeedsRole permission="submit:TrustDocument" action={t('review.decideAction')} />;
  const start = (chosen: 'approve' | 'reject') => {
    setDecision(chosen);
    decide.open();
  };
  const isAuthor = me.name === version.author;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {version.stage === 'candidate' && (
          <>
            <Button
              variant={review.evaluation.allowed ? 'default' : 'filled'}
              leftSection={<Icon name="seal" />}
              onClick={() => start('approve')}
            >
              {t('review.approve')}
            </Button>
            <Button variant="default" onClick={() => start('reject')}>
              {t('review.reject')}
            </Button>
          </>
        )}
        <Button variant="default" c="var(--mantine-color-error)" onClick={revoke.open}>
          {t('review.revokeVersion')}
        </Button>
        {version.stage === 'candidate' && may('create:Deployment', version.project) && (
          <Button
            variant="default"
            component={Link}
            to={`/deployments?deploy=${version.model}@${version.number}`}
            leftSection={<Icon name="serve" />}
            ml="auto"
          >
            {t('deployments.deploy')}
          </Button>
        )}
      </Group>
      {isAuthor && (
        <Text fz="sm" c="dimmed">
          {t('review.youAreAuthor')}
        </Text>
      )}
      <DecideDialog review={review} decision={decision} opened={deciding} onClose={decide.close} />
      <RevokeDialog review={review} opened={revoking} onClose={revoke.close} />
    </Stack>
  );
}

/** Revoked for good: nothing is left to decide. */
function isRevoked({ evaluation }: Review): boolean {
  return evaluation.reasons.some(({ code }) => code === 'version_revoked');
}

/** Whether an approval could still bring the version into service. */
function isOpen(review: Review): boolean {
  return review.version.stage === 'candidate' && !isRevoked(review);
}
