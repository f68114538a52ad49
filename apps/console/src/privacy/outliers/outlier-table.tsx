import { Table } from '@mantine/core';
import type { OutlierReport } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';

/** The furthest records: where they are in the table, and what makes them unusual. */
export function OutlierTable({ outliers }: { readonly outliers: OutlierReport['outliers'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.ScrollContainer minWidth={520} type="native">
      <Table verticalSpacing="xs" aria-label={t('outliers.title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('outliers.place')}</Table.Th>
            <Table.Th>{t('outliers.score')}</Table.Th>
            <Table.Th>{t('outliers.columns')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {outliers.map(({ row, score, columns }) => (
            <Table.Tr key={row}>
              <Table.Td>{t('outliers.record', { row: format.number(row) })}</Table.Td>
              <Table.Td>{format.number(score, 1)}</Table.Td>
              <Table.Td>
                {columns.map(({ name, share }) => `${name} (${format.percent(share)})`).join(', ')}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
