import { Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import type { Dataset, DatasetTask } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/panel.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { useOutliers, useRequestTask } from '../task-queries.js';
import { OutlierPicture } from './outlier-picture.js';
import { OutlierTable } from './outlier-table.js';

/** Records unlike all others, for the steward who brought the table in: places and columns, opened in this browser. */
export function OutliersPanel({
  dataset,
  tasks,
}: {
  readonly dataset: Dataset;
  readonly tasks: readonly DatasetTask[];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [clusters, setClusters] = useState(8);
  const search = useRequestTask(dataset.id);
  const report = useOutliers(dataset.id);
  const searches = tasks.filter(({ kind }) => kind === 'outliers');
  const done = searches.find(({ state }) => state === 'done');
  const underWay = searches.some(({ state }) => state === 'queued' || state === 'running');
  return (
    <Panel title={t('outliers.title')} hint={t('outliers.hint')}>
      <Stack gap="md">
        <Group align="flex-end">
          <NumberInput
            label={t('outliers.clusters')}
            value={clusters}
            onChange={(count) => setClusters(Number(count) || 1)}
            min={1}
            max={20}
            w={180}
          />
          <Button
            variant={done === undefined ? 'filled' : 'default'}
            leftSection={<Icon name="privacy" />}
            loading={search.isPending || underWay}
            onClick={() => {
              report.reset();
              search.mutate({ kind: 'outliers', clusters });
            }}
          >
            {t('outliers.search')}
          </Button>
          {done !== undefined && report.data === undefined && !underWay && (
            <Button variant="default" loading={report.isPending} onClick={() => report.mutate(done.id)}>
              {t('outliers.open')}
            </Button>
          )}
        </Group>
        {search.error !== null && <RefusalNotice error={search.error} />}
        {report.error !== null && <RefusalNotice error={report.error} />}
        {report.data !== undefined && (
          <>
            <OutlierPicture report={report.data} />
            <Text fz="sm" c="dimmed">
              {t('outliers.looked', {
                rows: format.number(report.data.rows),
                sampled: format.number(report.data.sampled),
                clusters: report.data.clusters.length,
              })}
            </Text>
            {report.data.outliers.length === 0 ? (
              <Text fz="sm">{t('outliers.none')}</Text>
            ) : (
              <OutlierTable outliers={report.data.outliers.slice(0, SHOWN)} />
            )}
          </>
        )}
      </Stack>
    </Panel>
  );
}

const SHOWN = 20;
