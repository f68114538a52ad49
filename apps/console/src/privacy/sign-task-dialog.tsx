import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { dataApprovalPayload } from '@castellan/approval-policy/web';
import { DataRequestHead, type DatasetTask } from '@castellan/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { KeyNotice } from '../review/key-notice.js';
import { sha256Hex } from '../review/sha256.js';
import { signStatement } from '../review/sign-statement.js';
import { useSubmitDocument } from '../review/trust-queries.js';
import { useSession } from '../session/session-context.js';
import { useSigningKey } from '../signing-key/key-queries.js';
import { ExactText } from '../ui/exact-text.js';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { Refusal } from '../api/refusal.js';

const DAYS_MS = 30 * 86_400_000;

/** Shows a request to the letter and signs its digest, computed here, with the key of this browser. */
export function SignTaskDialog({
  task,
  onClose,
}: {
  readonly task: DatasetTask;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const { me } = useSession();
  const key = useSigningKey();
  const submit = useSubmitDocument();
  const [reason, setReason] = useState('');
  const sign = useMutation({
    mutationFn: async (decision: 'approve' | 'reject') => {
      if (key.data == null) return;
      const payload = await decisionOn(task, { decision, person: me.name, reason: reason.trim() });
      await submit.mutateAsync({ envelope: await signStatement(payload, key.data) });
    },
    onSuccess: onClose,
  });
  const ready = key.data != null && reason.trim() !== '';
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('protection.signTitle')}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <Stack>
        <KeyNotice />
        {sign.error !== null && <RefusalNotice error={sign.error} />}
        <ExactText
          text={JSON.stringify(JSON.parse(task.request), null, 2)}
          label={t('protection.request')}
          maxHeight={320}
        />
        <Textarea
          label={t('review.reason')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          required
        />
        <Group justify="flex-end">
          <Button variant="default" color="red.8" disabled={!ready} onClick={() => sign.mutate('reject')}>
            {t('review.signRejection')}
          </Button>
          <Button
            leftSection={<Icon name="seal" />}
            disabled={!ready}
            loading={sign.isPending}
            onClick={() => sign.mutate('approve')}
          >
            {t('review.signApproval')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

async function decisionOn(
  { request, digest, kind, dataset }: DatasetTask,
  said: { readonly decision: 'approve' | 'reject'; readonly person: string; readonly reason: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const requestDigest = await sha256Hex(new TextEncoder().encode(request));
  if (requestDigest !== digest)
    throw new Refusal(
      0,
      'request_mismatch',
      'The request that is shown is not the one that the server names.',
    );
  const { organization, project } = DataRequestHead.parse(JSON.parse(request));
  const now = Date.now();
  return dataApprovalPayload(
    { name: `${kind} ${dataset}`, requestDigest },
    {
      ...said,
      organization,
      project,
      issuedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + DAYS_MS).toISOString(),
      nonce: crypto.randomUUID(),
    },
  );
}
