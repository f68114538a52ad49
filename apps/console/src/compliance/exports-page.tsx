import { Button, Group, Paper, Progress, Table, Text } from '@mantine/core';
import type { AuditExport } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Pill, type Tone } from '../ui/pill.js';
import { exportContentPath, useCancelExport, useExports } from './compliance-queries.js';

const tones: Readonly<Record<AuditExport['state'], Tone>> = {
  queued: 'wait',
  running: 'busy',
  done: 'good',
  failed: 'bad',
  cancelled: 'idle',
};

export function ExportsPage() {
  const { t } = useTranslation();
  const exports = useExports();
  return (
    <Page
      title={t('exports.title')}
      subtitle={t('exports.subtitle')}
      trail={[{ to: '/audit', label: t('audit.title') }]}
    >
      <Paper p="lg">
        <Answer to={exports}>{(all) => <ExportTable exports={all} />}</Answer>
      </Paper>
    </Page>
  );
}

function ExportTable({ exports }: { readonly exports: readonly AuditExport[] }) {
  const { t } = useTranslation();
  if (exports.length === 0)
    return (
      <NothingHere icon="download" title={t('exports.none')}>
        {t('exports.noneHint')}
      </NothingHere>
    );
  return (
    <Table.ScrollContainer minWidth={860} type="native">
      <Table aria-label={t('exports.title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('exports.format')}</Table.Th>
            <Table.Th>{t('exports.filter')}</Table.Th>
            <Table.Th>{t('exports.state')}</Table.Th>
            <Table.Th ta="right">{t('exports.rows')}</Table.Th>
            <Table.Th>{t('exports.digest')}</Table.Th>
            <Table.Th>{t('exports.asked')}</Table.Th>
            <Table.Th>{t('ui.actions')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {exports.map((each) => (
            <ExportRow key={each.id} each={each} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ExportRow({ each }: { readonly each: AuditExport }) {
  const { t } = useTranslation();
  const cancel = useCancelExport();
  const underWay = each.state === 'queued' || each.state === 'running';
  const percent = each.treeSize === '0' ? 100 : (Number(each.scanned) / Number(each.treeSize)) * 100;
  const conditions = Object.entries(each.filter).map(([name, value]) => `${name}: ${String(value)}`);
  return (
    <Table.Tr>
      <Table.Td>{t(`exports.formats.${each.format}`)}</Table.Td>
      <Table.Td c="dimmed">
        {conditions.length === 0 ? t('exports.everything') : conditions.join(', ')}
      </Table.Td>
      <Table.Td miw={150}>
        <Pill tone={tones[each.state]}>{t(`exports.states.${each.state}`)}</Pill>
        {underWay && <Progress mt={6} value={percent} aria-label={t('exports.progress')} />}
        {each.failure !== undefined && <Text fz="sm">{each.failure}</Text>}
      </Table.Td>
      <Table.Td ta="right">{each.rows}</Table.Td>
      <Table.Td>
        {each.sha256 !== undefined && <Digest value={each.sha256} label={t('exports.digest')} />}
      </Table.Td>
      <Table.Td>
        {each.requestedBy} <Moment at={each.createdAt} />
      </Table.Td>
      <Table.Td>
        <Group gap="xs">
          {each.state === 'done' && (
            <Button
              component="a"
              href={exportContentPath(each.id)}
              download
              size="compact-sm"
              variant="default"
              leftSection={<Icon name="download" size={14} />}
            >
              {t('exports.download')}
            </Button>
          )}
          {underWay && (
            <Button
              size="compact-sm"
              variant="subtle"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(each.id)}
            >
              {t('ui.cancel')}
            </Button>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
