import { Modal, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { destructionOrderPayload, type DestructionTarget } from '@castellan/approval-policy/web';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Digest } from '../ui/digest.js';
import { Fact, Facts } from '../ui/facts.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useOrderSubject } from './destruction-queries.js';
import { SignForm } from './sign-form.js';

/** An order that nobody carried out by then lapses. */
const ORDER_MS = 30 * 86_400_000;
const targets = ['version', 'model', 'project', 'person'] as const satisfies readonly DestructionTarget[];

/** What somebody else has ordered already, for a second person to sign. */
export interface OrderAbout {
  readonly target: DestructionTarget;
  readonly name: string;
}

export function OrderDialog({
  about,
  onClose,
}: {
  readonly about?: OrderAbout;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={
        about === undefined ? t('destruction.orderTitle') : t('destruction.secondTitle', { name: about.name })
      }
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <OrderForm about={about} onClose={onClose} />
    </Modal>
  );
}

function OrderForm({
  about,
  onClose,
}: {
  readonly about: OrderAbout | undefined;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const { me } = useSession();
  const [target, setTarget] = useState<DestructionTarget>(about?.target ?? 'version');
  const [name, setName] = useState(about?.name ?? '');
  const [reason, setReason] = useState('');
  const [wanted] = useDebouncedValue(name.trim(), 300);
  const subject = useOrderSubject(target, wanted, me.organization);
  // Fixed once, so that what is shown is to the letter what is signed.
  const [{ issuedAt, nonce }] = useState(() => ({ issuedAt: Date.now(), nonce: crypto.randomUUID() }));
  const payload =
    subject.data === undefined || wanted !== name.trim() || reason.trim() === ''
      ? undefined
      : destructionOrderPayload(
          { name: subject.data.name, sha256: subject.data.sha256 },
          {
            target,
            targetId: subject.data.targetId,
            organization: me.organization,
            project: subject.data.project,
            person: me.name,
            reason: reason.trim(),
            issuedAt: new Date(issuedAt).toISOString(),
            expiresAt: new Date(issuedAt + ORDER_MS).toISOString(),
            nonce,
          },
        );
  return (
    <SignForm
      payload={payload}
      reason={reason}
      onReason={setReason}
      verb={t('destruction.sign')}
      done={t('destruction.signed')}
      onClose={onClose}
    >
      <Text fz="sm">{t('destruction.orderHint')}</Text>
      {about === undefined && (
        <>
          <Select
            label={t('destruction.target')}
            data={targets.map((value) => ({ value, label: t(`destruction.targets.${value}`) }))}
            value={target}
            onChange={(value) => setTarget(targets.find((known) => known === value) ?? 'version')}
            allowDeselect={false}
          />
          <TextInput
            label={t('destruction.name')}
            description={t(`destruction.nameHints.${target}`)}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
          />
        </>
      )}
      {subject.error !== null && <RefusalNotice error={subject.error} />}
      {subject.data !== undefined && (
        <Facts>
          <Fact name={t('destruction.target')}>
            {t(`destruction.targets.${target}`)} {wanted}
          </Fact>
          {target !== 'person' && <Fact name={t('destruction.project')}>{subject.data.project}</Fact>}
          {subject.data.remains !== undefined && (
            <Fact name={t('destruction.remains')}>{t('destruction.remainsText', subject.data.remains)}</Fact>
          )}
          <Fact name={t('destruction.digest')}>
            <Digest value={subject.data.sha256} label={t('destruction.digest')} whole />
          </Fact>
        </Facts>
      )}
    </SignForm>
  );
}
