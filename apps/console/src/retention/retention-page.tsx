import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Answer } from '../ui/answer.js';
import { Page } from '../ui/page.js';
import { DaysPanel } from './days-panel.js';
import { HoldsPanel } from './holds-panel.js';
import { useRetention } from './retention-queries.js';
import { RunsPanel } from './runs-panel.js';

export function RetentionPage() {
  const { t } = useTranslation();
  const retention = useRetention();
  return (
    <Page
      title={t('retention.title')}
      subtitle={t('retention.subtitle')}
      trail={[{ to: '/audit', label: t('audit.title') }]}
    >
      <Stack gap="lg">
        <Answer to={retention}>{(set) => <DaysPanel key={set.setAt ?? ''} set={set} />}</Answer>
        <RunsPanel />
        <HoldsPanel />
      </Stack>
    </Page>
  );
}
