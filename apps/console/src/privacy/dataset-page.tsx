import { Grid, Stack } from '@mantine/core';
import type { Dataset } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { NeedsRole } from '../session/needs-role.js';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { Pill } from '../ui/pill.js';
import { AskPanel } from './ask-panel.js';
import { BudgetPanel } from './budget-panel.js';
import { DeclarationPanel } from './declaration-panel.js';
import { ProtectionParts } from './protection-parts.js';
import { DenialsPanel } from './governance/denials-panel.js';
import { ForecastPanel } from './governance/forecast-panel.js';
import { RestoredNotice } from './governance/restored-notice.js';
import { SharesPanel } from './governance/shares-panel.js';
import { LedgerPanel } from './ledger-panel.js';
import { SourcePanel } from './reference/source-panel.js';
import { SynthesisPanel } from './synthesis/synthesis-panel.js';
import { TrainingPanel } from './training/training-panel.js';
import { useBudget, useDatasets, useDenials } from './privacy-queries.js';

export function DatasetPage() {
  const { t } = useTranslation();
  const { dataset: name = '' } = useParams();
  const datasets = useDatasets();
  const found = datasets.data?.find((dataset) => dataset.name === name);
  return (
    <Page
      title={name}
      trail={[{ to: '/privacy', label: t('privacy.title') }]}
      subtitle={found?.declaration.purpose}
      state={
        found && (
          <Pill tone={found.state === 'sealed' ? 'good' : 'wait'}>{t(`privacy.states.${found.state}`)}</Pill>
        )
      }
    >
      <Answer to={datasets}>
        {() =>
          found === undefined ? (
            <NothingHere icon="privacy" title={t('privacy.unknown', { name })} />
          ) : (
            <DatasetParts dataset={found} />
          )
        }
      </Answer>
    </Page>
  );
}

function DatasetParts({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const budget = useBudget(dataset.id);
  const denials = useDenials(dataset.id);
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack gap="lg">
          {may('ask:Dataset', dataset.project) ? (
            <>
              <AskPanel dataset={dataset} />
              {dataset.state === 'sealed' && <SynthesisPanel dataset={dataset} />}
              {dataset.state === 'sealed' && <TrainingPanel dataset={dataset} />}
            </>
          ) : (
            <Panel title={t('privacy.ask')}>
              <NeedsRole permission="ask:Dataset" action={t('privacy.askAction')} />
            </Panel>
          )}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack gap="lg">
          <Answer to={budget}>
            {(ledger) => (
              <>
                <RestoredNotice budget={ledger} dataset={dataset} />
                <BudgetPanel budget={ledger} dataset={dataset} />
                <ForecastPanel budget={ledger} />
                <SharesPanel budget={ledger} />
              </>
            )}
          </Answer>
          <SourcePanel dataset={dataset} />
          <DeclarationPanel declaration={dataset.declaration} declaredAt={dataset.createdAt} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={12}>
        <ProtectionParts dataset={dataset} />
      </Grid.Col>
      <Grid.Col span={12}>
        <Stack gap="lg">
          {budget.data && <LedgerPanel entries={budget.data.entries} />}
          <DenialsPanel denials={denials.data ?? []} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
