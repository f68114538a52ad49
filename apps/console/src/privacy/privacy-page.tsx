import { Anchor, Paper, Table, Text } from '@mantine/core';
import type { Dataset } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../i18n/use-format.js';
import { Answer } from '../ui/answer.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Pill } from '../ui/pill.js';
import { useSession } from '../session/session-context.js';
import { DeclareReferencePanel } from './reference/declare-reference-panel.js';
import { useDatasets } from './privacy-queries.js';

export function PrivacyPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  return (
    <Page title={t('privacy.title')} subtitle={t('privacy.subtitle')}>
      <Datasets />
      {may('create:Dataset') && <DeclareReferencePanel />}
    </Page>
  );
}

function Datasets() {
  const datasets = useDatasets();
  return (
    <Paper p="lg">
      <Answer to={datasets}>{(all) => <DatasetTable datasets={all} />}</Answer>
    </Paper>
  );
}

function DatasetTable({ datasets }: { readonly datasets: readonly Dataset[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (datasets.length === 0)
    return (
      <NothingHere icon="privacy" title={t('privacy.none')}>
        {t('privacy.noneHint')}
      </NothingHere>
    );
  return (
    <Table.ScrollContainer minWidth={680} type="native">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('privacy.dataset')}</Table.Th>
            <Table.Th>{t('models.state')}</Table.Th>
            <Table.Th>{t('privacy.unit')}</Table.Th>
            <Table.Th ta="right">{t('privacy.columnCount')}</Table.Th>
            <Table.Th>{t('models.created')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {datasets.map(({ id, name, project, declaration, state, createdAt }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <Anchor component={Link} to={`/privacy/${name}`} fw={600}>
                  {name}
                </Anchor>
                <Text fz="sm" c="dimmed" maw={420}>
                  {`${project} · ${declaration.purpose}`}
                </Text>
              </Table.Td>
              <Table.Td>
                <Pill tone={state === 'sealed' ? 'good' : 'wait'}>{t(`privacy.states.${state}`)}</Pill>
              </Table.Td>
              <Table.Td ff="monospace" fz="sm">
                {declaration.privacyUnit}
              </Table.Td>
              <Table.Td ta="right">{format.number(declaration.columns.length)}</Table.Td>
              <Table.Td c="dimmed">
                <Moment at={createdAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
