import { Modal, Text } from '@mantine/core';
import { revocationPayload } from '@castellan/approval-policy/web';
import type { Destruction } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { useOrder } from './destruction-queries.js';
import { SignForm } from './sign-form.js';

type Order = Destruction['orders'][number];

/** Takes one person's order back: any reviewer of the project may, since stopping is easier than destroying. */
export function CancelDialog({
  order,
  name,
  onClose,
}: {
  readonly order: Order;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const found = useOrder(order.digest);
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('destruction.cancelTitle', { name, person: order.person })}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <Answer to={found}>
        {(document) =>
          document === null ? (
            <Text>{t('destruction.orderGone')}</Text>
          ) : (
            <CancelForm digest={document.digest} project={document.predicate.project} onClose={onClose} />
          )
        }
      </Answer>
    </Modal>
  );
}

function CancelForm({
  digest,
  project,
  onClose,
}: {
  readonly digest: string;
  readonly project: string;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const { me } = useSession();
  const [reason, setReason] = useState('');
  const [issuedAt] = useState(() => new Date().toISOString());
  const payload =
    reason.trim() === ''
      ? undefined
      : revocationPayload(
          { name: 'destruction-order', sha256: digest },
          {
            target: 'destruction-order',
            organization: me.organization,
            project,
            person: me.name,
            reason: reason.trim(),
            issuedAt,
          },
        );
  return (
    <SignForm
      payload={payload}
      reason={reason}
      onReason={setReason}
      verb={t('destruction.signCancel')}
      done={t('destruction.cancelled')}
      onClose={onClose}
    >
      <Text fz="sm">{t('destruction.cancelHint')}</Text>
    </SignForm>
  );
}
