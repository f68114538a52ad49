import { Button, Group, Stack, Text } from '@mantine/core';
import type { Dataset, DatasetTask } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { ClassificationTable } from './classification-table.js';
import { useEvidence, useRequestTask } from './task-queries.js';

interface ClassificationProps {
  readonly dataset: Dataset;
  readonly tasks: readonly DatasetTask[];
}

/** What the columns seem to hold, and what the steward says they do. */
export function ClassificationPanel({ dataset, tasks }: ClassificationProps) {
  const { t } = useTranslation();
  const { may } = useSession();
  const classify = useRequestTask(dataset.id);
  const evidence = useEvidence(dataset.id);
  const looks = tasks.filter(({ kind }) => kind === 'classify');
  const done = looks.find(({ state }) => state === 'done');
  const underWay = looks.some(({ state }) => state === 'queued' || state === 'running');
  const steward = may('request:DatasetTask', dataset.project);
  return (
    <Panel title={t('protection.classification')} hint={t('protection.classificationHint')}>
      <Stack gap="md">
        {steward && (
          <Group>
            <Button
              variant={done === undefined ? 'filled' : 'default'}
              leftSection={<Icon name="privacy" />}
              loading={classify.isPending || underWay}
              disabled={dataset.state !== 'sealed'}
              onClick={() => classify.mutate({ kind: 'classify' })}
            >
              {t(done === undefined ? 'protection.look' : 'protection.lookAgain')}
            </Button>
            {done !== undefined && evidence.data === undefined && (
              <Button variant="default" loading={evidence.isPending} onClick={() => evidence.mutate(done.id)}>
                {t('protection.showSamples')}
              </Button>
            )}
          </Group>
        )}
        {classify.error !== null && <RefusalNotice error={classify.error} />}
        {evidence.error !== null && <RefusalNotice error={evidence.error} />}
        <ClassificationTable
          key={done?.id ?? 'none'}
          dataset={dataset}
          found={done?.summary?.kind === 'classify' ? done.summary.columns : []}
          evidence={evidence.data}
        />
        {dataset.classification !== undefined && (
          <Text fz="sm" c="dimmed">
            {t('protection.confirmedBy', { person: dataset.classification.confirmedBy })}{' '}
            <Moment at={dataset.classification.confirmedAt} />
          </Text>
        )}
      </Stack>
    </Panel>
  );
}
