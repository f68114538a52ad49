import { Button, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Alarm } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useAcknowledge } from './alarm-queries.js';

/** Asks what came of it; the answer stands in the log. */
export function AcknowledgeButton({ alarm }: { readonly alarm: Alarm }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const [reason, setReason] = useState('');
  const acknowledge = useAcknowledge(alarm.id);
  return (
    <>
      <Button size="compact-sm" onClick={open}>
        {t('alarms.acknowledge')}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('alarms.acknowledge')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <Stack>
          {acknowledge.error !== null && <RefusalNotice error={acknowledge.error} />}
          <Text fz="sm">{t('alarms.acknowledgeHint')}</Text>
          <Textarea
            label={t('alarms.reason')}
            required
            autosize
            minRows={2}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            data-autofocus
          />
          <Button
            disabled={reason.trim() === ''}
            loading={acknowledge.isPending}
            onClick={() => acknowledge.mutate(reason, { onSuccess: close })}
          >
            {t('alarms.acknowledge')}
          </Button>
        </Stack>
      </Modal>
    </>
  );
}
