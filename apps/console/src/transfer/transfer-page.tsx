import { Button, Group, Stack, Table, Text } from '@mantine/core';
import type { KeyExport } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { Pill } from '../ui/pill.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { OrderExportDialog } from './order-export-dialog.js';
import { ReceivePanel } from './receive-panel.js';
import { useKeyExports, useSavePackage } from './transfer-queries.js';

/** Projects' keys on their way to another platform: what is ordered and by whom, the package, and what arrives here. */
export function TransferPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  const exports = useKeyExports();
  const [ordering, setOrdering] = useState(false);
  return (
    <Page
      title={t('transfer.title')}
      subtitle={t('transfer.subtitle')}
      actions={
        may('submit:TrustDocument') && (
          <Button color="red.8" leftSection={<Icon name="upload" />} onClick={() => setOrdering(true)}>
            {t('transfer.order')}
          </Button>
        )
      }
    >
      {ordering && <OrderExportDialog onClose={() => setOrdering(false)} />}
      <Stack gap="lg">
        <Answer to={exports}>
          {(all) =>
            all.length === 0 ? (
              <NothingHere icon="key" title={t('transfer.none')}>
                {t('transfer.noneHint')}
              </NothingHere>
            ) : (
              <ExportTable exports={all} />
            )
          }
        </Answer>
        {may('import:RootRecipient') && <ReceivePanel />}
      </Stack>
    </Page>
  );
}

function ExportTable({ exports }: { readonly exports: readonly KeyExport[] }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('transfer.listed')}>
      <Table.ScrollContainer minWidth={760} type="native">
        <Table aria-label={t('transfer.listed')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('transfer.project')}</Table.Th>
              <Table.Th>{t('models.state')}</Table.Th>
              <Table.Th>{t('destruction.orderedBy')}</Table.Th>
              <Table.Th>{t('transfer.holder')}</Table.Th>
              <Table.Th>{t('transfer.validUntil')}</Table.Th>
              <Table.Th>{t('ui.actions')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {exports.map((each) => (
              <ExportRow key={`${each.projectId}/${each.recipient}`} ordered={each} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function ExportRow({ ordered }: { readonly ordered: KeyExport }) {
  const { t } = useTranslation();
  const { project, state, orders, holder, recipient, validUntil } = ordered;
  return (
    <Table.Tr>
      <Table.Td fw={600}>{project}</Table.Td>
      <Table.Td>
        <Pill tone={state === 'ordered' ? 'bad' : 'wait'}>{t(`transfer.states.${state}`)}</Pill>
      </Table.Td>
      <Table.Td>{orders.map(({ person }) => person).join(', ')}</Table.Td>
      <Table.Td>
        <Stack gap={0}>
          <Text fz="sm">{holder}</Text>
          <Digest value={recipient} label={t('transfer.digest')} />
        </Stack>
      </Table.Td>
      <Table.Td c="dimmed">
        <Moment at={validUntil} />
      </Table.Td>
      <Table.Td>
        <ExportActions ordered={ordered} />
      </Table.Td>
    </Table.Tr>
  );
}

function ExportActions({ ordered }: { readonly ordered: KeyExport }) {
  const { t } = useTranslation();
  const { me, may } = useSession();
  const [signing, setSigning] = useState(false);
  const save = useSavePackage();
  const { state, orders } = ordered;
  const lacksMine = state === 'awaiting-second' && orders.every(({ person }) => person !== me.name);
  return (
    <Stack gap="xs">
      <Group gap="xs" wrap="nowrap">
        {lacksMine && may('submit:TrustDocument') && (
          <Button size="compact-sm" color="red.8" onClick={() => setSigning(true)}>
            {t('destruction.second')}
          </Button>
        )}
        {state === 'ordered' && may('export:KeyRotation') && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Icon name="download" size={15} />}
            loading={save.isPending}
            onClick={() => save.mutate(ordered)}
          >
            {t('transfer.package')}
          </Button>
        )}
      </Group>
      {save.error !== null && <RefusalNotice error={save.error} />}
      {save.data !== undefined && (
        <Text fz="xs" component="div">
          {t('transfer.own')} <Digest value={save.data} label={t('transfer.own')} whole />
        </Text>
      )}
      {signing && <OrderExportDialog about={ordered} onClose={() => setSigning(false)} />}
    </Stack>
  );
}
