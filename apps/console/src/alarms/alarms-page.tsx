import { Button, Group, SegmentedControl, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../ui/loading.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { AlarmPanel } from './alarm-panel.js';
import { type AlarmFilter, useAlarms } from './alarm-queries.js';
import { WatchingPanel } from './watching-panel.js';

export function AlarmsPage() {
  const { t } = useTranslation();
  const [state, setState] = useState<'open' | 'all'>('open');
  return (
    <Page
      title={t('alarms.title')}
      subtitle={t('alarms.subtitle')}
      trail={[{ to: '/audit', label: t('audit.title') }]}
      actions={
        <SegmentedControl
          aria-label={t('alarms.which')}
          value={state}
          onChange={setState}
          data={[
            { value: 'open', label: t('alarms.onlyOpen') },
            { value: 'all', label: t('alarms.all') },
          ]}
        />
      }
    >
      <Stack gap="lg">
        <Alarms filter={state === 'open' ? { state } : {}} />
        <WatchingPanel />
      </Stack>
    </Page>
  );
}

function Alarms({ filter }: { readonly filter: AlarmFilter }) {
  const { t } = useTranslation();
  const pages = useAlarms(filter);
  const alarms = pages.data?.pages.flatMap((page) => page.alarms);
  if (alarms === undefined)
    return pages.error === null ? <Loading lines={6} /> : <RefusalNotice error={pages.error} />;
  if (alarms.length === 0)
    return (
      <NothingHere icon="check" title={t('alarms.none')}>
        {t('alarms.noneHint')}
      </NothingHere>
    );
  return (
    <>
      {alarms.map((alarm) => (
        <AlarmPanel key={alarm.id} alarm={alarm} />
      ))}
      {pages.hasNextPage && (
        <Group justify="center">
          <Button
            variant="default"
            loading={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage({ cancelRefetch: false })}
          >
            {t('alarms.older')}
          </Button>
        </Group>
      )}
    </>
  );
}
