import { Button, Table, Text, VisuallyHidden } from '@mantine/core';
import type { Review } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { type Decision, type Standing, standingOf } from '../review/decisions.js';
import { RevokeDialog } from '../review/revoke-dialog.js';
import { useSession } from '../session/session-context.js';
import { Digest } from '../ui/digest.js';
import { Moment } from '../ui/moment.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';

const tones: Readonly<Record<Standing, Tone>> = {
  counts: 'good',
  rejects: 'bad',
  revoked: 'bad',
  expired: 'idle',
  idle: 'wait',
};

/** Who signed what, when, until when, and whether it still counts. */
export function DecisionsPanel({
  review,
  decisions,
}: {
  readonly review: Review;
  readonly decisions: readonly Decision[];
}) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [target, setTarget] = useState<Decision>();
  const counted = review.evaluation.approvals.map(({ digest }) => digest);
  const now = new Date();
  return (
    <Panel title={t('review.decisions')} hint={t('review.decisionsHint')}>
      <Table.ScrollContainer minWidth={460} type="native">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="50%">{t('review.person')}</Table.Th>
              <Table.Th>{t('review.standing')}</Table.Th>
              <Table.Th>{t('review.signed')}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t('ui.actions')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {decisions.map((decision) => (
              <DecisionRow
                key={decision.digest}
                decision={decision}
                standing={standingOf(decision, counted, now)}
                onRevoke={may('submit:TrustDocument') ? () => setTarget(decision) : undefined}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <RevokeDialog
        review={review}
        decision={target}
        opened={target !== undefined}
        onClose={() => setTarget(undefined)}
      />
    </Panel>
  );
}

function DecisionRow({
  decision: { digest, approval, revocation },
  standing,
  onRevoke,
}: {
  readonly decision: Decision;
  readonly standing: Standing;
  readonly onRevoke: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={600} fz="sm">
          {approval.person}
        </Text>
        <Text fz="sm" c="dimmed">
          {approval.reason}
        </Text>
        <Text fz="xs" c="dimmed" component="div" mt={2}>
          {t('review.document')} <Digest value={digest} label={t('review.document')} />
        </Text>
      </Table.Td>
      <Table.Td>
        <Pill tone={tones[standing]}>{t(`review.standings.${standing}`)}</Pill>
        {revocation !== undefined && (
          <Text fz="xs" c="dimmed" mt={4} maw={220}>
            {t('review.revokedBy', { person: revocation.person, reason: revocation.reason })}
          </Text>
        )}
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <Moment at={approval.issuedAt} />
        <Text fz="xs" c="dimmed">
          {t('review.untilDay', { day: format.day(approval.expiresAt) })}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        {onRevoke !== undefined && revocation === undefined && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            c="var(--mantine-color-error)"
            onClick={onRevoke}
          >
            {t('review.revoke')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
