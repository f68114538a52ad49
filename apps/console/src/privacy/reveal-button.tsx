import { Button, Code, Modal, Table } from '@mantine/core';
import type { DatasetTask, ReidentifiedValues } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useRevealedValues } from './task-queries.js';

/** Opens a re-identification in this browser, for whoever asked for it; forgotten when it is closed. */
export function RevealButton({
  datasetId,
  task,
}: {
  readonly datasetId: string;
  readonly task: DatasetTask;
}) {
  const { t } = useTranslation();
  const reveal = useRevealedValues(datasetId);
  return (
    <>
      <Button size="xs" variant="default" loading={reveal.isPending} onClick={() => reveal.mutate(task.id)}>
        {t('protection.reveal')}
      </Button>
      {reveal.error !== null && <RefusalNotice error={reveal.error} />}
      <Modal
        opened={reveal.data !== undefined}
        onClose={() => reveal.reset()}
        size="lg"
        title={t('protection.revealed')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        {reveal.data && <RevealedTable revealed={reveal.data} />}
      </Modal>
    </>
  );
}

function RevealedTable({ revealed: { column, values } }: { readonly revealed: ReidentifiedValues }) {
  const { t } = useTranslation();
  return (
    <Table aria-label={t('protection.revealed')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('protection.inCopy')}</Table.Th>
          <Table.Th>{column}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {values.map(({ value, original }) => (
          <Table.Tr key={value}>
            <Table.Td>
              <Code>{value}</Code>
            </Table.Td>
            <Table.Td>{original ?? t('protection.inNoRow')}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
