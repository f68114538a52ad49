import { Button, Group, Paper, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { AlarmsButton } from '../alarms/alarms-button.js';
import { ExportButton } from '../compliance/export-button.js';
import { useSession } from '../session/session-context.js';
import { Icon } from '../ui/icon.js';
import { Loading } from '../ui/loading.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Pill } from '../ui/pill.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { AuditFilters } from './audit-filters.js';
import { type AuditFilter, filterNames, useAuditEvents } from './audit-queries.js';
import { AuditTable } from './audit-table.js';

export function AuditPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  return (
    <Page
      title={t('audit.title')}
      subtitle={t('audit.subtitle')}
      actions={
        <>
          {may('read:Alarm') && <AlarmsButton />}
          <Button component={Link} to="/audit/exports" variant="default">
            {t('exports.page')}
          </Button>
          <Button component={Link} to="/audit/forwarding" variant="default">
            {t('targets.title')}
          </Button>
          <Button component={Link} to="/audit/retention" variant="default">
            {t('retention.title')}
          </Button>
        </>
      }
    >
      <Events />
    </Page>
  );
}

function Events() {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const [live, setLive] = useState(true);
  const filter = filterFrom(params);
  const events = useAuditEvents(filter, live);
  const records = events.data?.pages.flatMap((page) => page.records) ?? [];
  const size = events.data?.pages[0]?.treeSize;
  return (
    <Paper p="lg">
      <Group justify="space-between" mb="md" align="flex-start">
        <AuditFilters filter={filter} />
        <Group gap="sm">
          {size !== undefined && <Pill tone={live ? 'busy' : 'idle'}>{t('audit.treeSize', { size })}</Pill>}
          <ExportButton filter={filter} />
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Icon name={live ? 'pause' : 'play'} size={14} />}
            onClick={() => setLive(!live)}
          >
            {live ? t('audit.pause') : t('audit.resume')}
          </Button>
        </Group>
      </Group>
      {events.error !== null && <RefusalNotice error={events.error} />}
      {events.isPending && <Loading lines={8} />}
      {events.isSuccess && records.length === 0 && !events.hasNextPage && (
        <NothingHere icon="audit" title={t('audit.none')}>
          {Object.keys(filter).length > 0 && t('audit.noneFiltered')}
        </NothingHere>
      )}
      {records.length > 0 && <AuditTable key={params.toString()} records={records} />}
      <Group justify="center" mt="md">
        {events.hasNextPage ? (
          <Button
            variant="default"
            loading={events.isFetchingNextPage}
            onClick={() => void events.fetchNextPage({ cancelRefetch: false })}
          >
            {records.length === 0
              ? t('audit.searchOn', { leaf: events.data?.pages.at(-1)?.next })
              : t('audit.older')}
          </Button>
        ) : (
          records.length > 0 && (
            <Text fz="sm" c="dimmed">
              {t('audit.beginning')}
            </Text>
          )
        )}
      </Group>
    </Paper>
  );
}

function filterFrom(params: URLSearchParams): AuditFilter {
  return Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = params.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
}
