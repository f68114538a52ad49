import { Button, Group } from '@mantine/core';
import type { Dataset, DatasetTask } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { RevealButton } from './reveal-button.js';
import { SignTaskDialog } from './sign-task-dialog.js';
import { useCancelTask, useSaveResult, useStartTask } from './task-queries.js';

/** What can be done with a task as it stands, by whoever looks at it. */
export function TaskActions({ task, dataset }: { readonly task: DatasetTask; readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const { may, me } = useSession();
  const [signing, setSigning] = useState(false);
  const cancel = useCancelTask(dataset.id);
  const start = useStartTask(dataset.id);
  const save = useSaveResult(dataset);
  const { state, kind, id } = task;
  const waits = state === 'waiting' && kind !== 'classify' && kind !== 'outliers';
  const isOpen = state === 'waiting' || state === 'queued' || state === 'running';
  const fault = cancel.error ?? start.error ?? save.error;
  return (
    <>
      <Group gap="xs" justify="flex-end" wrap="nowrap">
        {waits && may('submit:TrustDocument', dataset.project) && (
          <Button size="xs" variant="default" onClick={() => setSigning(true)}>
            {t('protection.sign')}
          </Button>
        )}
        {waits && may('start:DatasetTask', dataset.project) && (
          <Button size="xs" loading={start.isPending} onClick={() => start.mutate(id)}>
            {t('protection.start')}
          </Button>
        )}
        {state === 'done' && kind === 'mask' && may('open:DatasetTask', dataset.project) && (
          <Button size="xs" variant="default" loading={save.isPending} onClick={() => save.mutate(id)}>
            {t('protection.download')}
          </Button>
        )}
        {state === 'done' && kind === 'reidentify' && task.requestedBy === me.name && (
          <RevealButton datasetId={dataset.id} task={task} />
        )}
        {isOpen && may('request:DatasetTask', dataset.project) && (
          <Button size="xs" variant="default" onClick={() => cancel.mutate(id)}>
            {t('protection.cancel')}
          </Button>
        )}
      </Group>
      {fault !== null && <RefusalNotice error={fault} />}
      {signing && <SignTaskDialog task={task} onClose={() => setSigning(false)} />}
    </>
  );
}
