import { Modal, Text, Textarea } from '@mantine/core';
import { revocationPayload } from '@castellan/approval-policy/web';
import type { Review } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Digest } from '../ui/digest.js';
import { Fact } from '../ui/facts.js';
import type { Decision } from './decisions.js';
import { SigningForm } from './signing-form.js';

interface RevokeProps {
  readonly review: Review;
  /** The one decision to take back; without it, the version. */
  readonly decision?: Decision | undefined;
  readonly onClose: () => void;
}

/** Takes back a decision, or the version itself, for good. */
export function RevokeDialog({ opened, ...props }: RevokeProps & { readonly opened: boolean }) {
  const { t } = useTranslation();
  const { model, number } = props.review.version;
  const ref = `${model}@${number}`;
  return (
    <Modal
      opened={opened}
      onClose={props.onClose}
      size="xl"
      title={t(props.decision === undefined ? 'review.revokeVersionTitle' : 'review.revokeDecisionTitle', {
        ref,
      })}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <RevokeForm {...props} />
    </Modal>
  );
}

function RevokeForm({ review, decision, onClose }: RevokeProps) {
  const { t } = useTranslation();
  const { me } = useSession();
  const [reason, setReason] = useState('');
  // Fixed once, so that what is shown is to the letter what is signed.
  const [issuedAt] = useState(() => new Date().toISOString());
  const { version, organization } = review;
  const sha256 = decision?.digest ?? version.digest;
  const payload =
    reason.trim() === '' || sha256 === undefined
      ? undefined
      : revocationPayload(
          { name: `${version.model}@${version.number}`, sha256 },
          {
            target: decision === undefined ? 'version' : 'approval',
            organization,
            project: version.project,
            person: me.name,
            reason: reason.trim(),
            issuedAt,
          },
        );
  return (
    <SigningForm
      review={review}
      payload={payload}
      onClose={onClose}
      done={t('review.revoked')}
      verb={t('review.signRevocation')}
      dangerous
      facts={
        decision && (
          <Fact name={t('review.takesBack')}>
            {t('review.decisionOf', { person: decision.approval.person })}{' '}
            <Digest value={decision.digest} label={t('review.document')} whole />
          </Fact>
        )
      }
    >
      <Text fz="sm">
        {t(decision === undefined ? 'review.revokeVersionHint' : 'review.revokeDecisionHint')}
      </Text>
      <Textarea
        label={t('review.reason')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        autosize
        minRows={2}
        maxLength={1000}
        required
        data-autofocus
      />
    </SigningForm>
  );
}
