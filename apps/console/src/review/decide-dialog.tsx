import { Modal, NumberInput, Textarea } from '@mantine/core';
import { approvalPayload } from '@castellan/approval-policy/web';
import type { Review } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { useSession } from '../session/session-context.js';
import { Digest } from '../ui/digest.js';
import { Fact } from '../ui/facts.js';
import { SigningForm } from './signing-form.js';
import { usePolicy } from './trust-queries.js';

const DAY_MS = 86_400_000;
const MAX_DAYS = 3650;

interface DecideProps {
  readonly review: Review;
  readonly decision: 'approve' | 'reject';
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Approve or reject: shows exactly what will be signed, signs it with the key of this browser, hands it in. */
export function DecideDialog({ review, decision, opened, onClose }: DecideProps) {
  const { t } = useTranslation();
  const { model, number } = review.version;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="xl"
      title={t(decision === 'approve' ? 'review.approveTitle' : 'review.rejectTitle', {
        ref: `${model}@${number}`,
      })}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <DecideForm review={review} decision={decision} onClose={onClose} />
    </Modal>
  );
}

function DecideForm({ review, decision, onClose }: Omit<DecideProps, 'opened'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { me } = useSession();
  const policy = usePolicy(review.policyDigest);
  const longest = policy.data?.predicate.approvalMaxAgeDays;
  const [reason, setReason] = useState('');
  const [days, setDays] = useState<number | string>(90);
  // Fixed once, so that what is shown is to the letter what is signed.
  const [{ issuedAt, nonce }] = useState(() => ({ issuedAt: new Date(), nonce: crypto.randomUUID() }));
  const { version, organization, policyDigest, evidence } = review;
  const wholeDays = Number(days);
  const valid = Number.isInteger(wholeDays) && wholeDays >= 1 && wholeDays <= MAX_DAYS;
  const expiresAt = new Date(issuedAt.getTime() + (valid ? wholeDays : 1) * DAY_MS).toISOString();
  const payload =
    valid && reason.trim() !== '' && policyDigest !== undefined && version.digest !== undefined
      ? approvalPayload(
          { name: `${version.model}@${version.number}`, versionDigest: version.digest },
          {
            decision,
            organization,
            project: version.project,
            person: me.name,
            policyDigest,
            evidence,
            reason: reason.trim(),
            issuedAt: issuedAt.toISOString(),
            expiresAt,
            nonce,
          },
        )
      : undefined;
  return (
    <SigningForm
      review={review}
      payload={payload}
      onClose={onClose}
      done={t(decision === 'approve' ? 'review.approved' : 'review.rejected')}
      verb={t(decision === 'approve' ? 'review.signApproval' : 'review.signRejection')}
      dangerous={decision === 'reject'}
      facts={
        <>
          <Fact name={t('review.policyDigest')}>
            {policyDigest === undefined ? (
              t('review.noPolicy')
            ) : (
              <Digest value={policyDigest} label={t('review.policyDigest')} whole />
            )}
          </Fact>
          {evidence.map(({ kind, sha256, verdict }) => (
            <Fact key={sha256} name={t('review.report', { kind })}>
              {verdict} <Digest value={sha256} label={t('review.report', { kind })} whole />
            </Fact>
          ))}
          <Fact name={t('review.until')}>{format.moment(expiresAt)}</Fact>
        </>
      }
    >
      <Textarea
        label={t('review.reason')}
        description={t('review.reasonHint')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        autosize
        minRows={2}
        maxLength={1000}
        required
        data-autofocus
      />
      <NumberInput
        label={t('review.days')}
        description={longest === undefined ? undefined : t('review.daysHint', { days: longest })}
        value={days}
        onChange={setDays}
        min={1}
        max={MAX_DAYS}
        allowDecimal={false}
        w={240}
      />
    </SigningForm>
  );
}
