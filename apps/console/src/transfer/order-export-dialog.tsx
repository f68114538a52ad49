import { Modal, Select, Text, Textarea } from '@mantine/core';
import { rootExportOrderPayload } from '@castellan/approval-policy/web';
import type { KeyExport } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SignForm } from '../destruction/sign-form.js';
import { useProjects } from '../keys/project-key-queries.js';
import { useSession } from '../session/session-context.js';
import { Digest } from '../ui/digest.js';
import { Fact, Facts } from '../ui/facts.js';
import { useCertificateDigest, useProjectDigest } from './transfer-queries.js';

/** Nothing leaves on an older order. */
const ORDER_MS = 7 * 86_400_000;

/** Signs that a project's keys may be sealed to a certificate; `about`: as somebody else has ordered already. */
export function OrderExportDialog({
  about,
  onClose,
}: {
  readonly about?: KeyExport;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={
        about === undefined ? t('transfer.orderTitle') : t('transfer.secondTitle', { project: about.project })
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
  readonly about: KeyExport | undefined;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const { me } = useSession();
  const projects = useProjects();
  const [project, setProject] = useState(about?.project ?? '');
  const [certificate, setCertificate] = useState(about?.certificate ?? '');
  const [reason, setReason] = useState('');
  const recipient = useCertificateDigest(certificate).data ?? undefined;
  const subject = useProjectDigest(me.organization, project).data;
  const targetId = projects.data?.find(({ name }) => name === project)?.id;
  // Fixed once, so that what is shown is to the letter what is signed.
  const [{ issuedAt, nonce }] = useState(() => ({ issuedAt: Date.now(), nonce: crypto.randomUUID() }));
  const payload =
    recipient === undefined || subject === undefined || targetId === undefined || reason.trim() === ''
      ? undefined
      : rootExportOrderPayload(
          { name: project, sha256: subject },
          {
            targetId,
            organization: me.organization,
            project,
            recipient,
            certificate,
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
      verb={t('transfer.sign')}
      done={t('transfer.signed')}
      onClose={onClose}
    >
      <Text fz="sm">{t('transfer.orderHint')}</Text>
      {about === undefined && (
        <>
          <Select
            label={t('transfer.project')}
            data={(projects.data ?? []).map(({ name }) => name)}
            value={project === '' ? null : project}
            onChange={(value) => setProject(value ?? '')}
            required
          />
          <Textarea
            label={t('transfer.certificate')}
            description={t('transfer.certificateHint')}
            value={certificate}
            onChange={(event) => setCertificate(event.currentTarget.value)}
            autosize
            minRows={3}
            maxRows={8}
            maxLength={4096}
            required
          />
        </>
      )}
      <Facts>
        {about !== undefined && <Fact name={t('transfer.holder')}>{about.holder}</Fact>}
        {recipient !== undefined && (
          <Fact name={t('transfer.digest')}>
            <Digest value={recipient} label={t('transfer.digest')} whole />
          </Fact>
        )}
      </Facts>
    </SignForm>
  );
}
