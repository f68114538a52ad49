import { Table } from '@mantine/core';
import type { Budget } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../ui/panel.js';

/** What single persons, projects and parts have used, where there are limits for them. */
export function SharesPanel({ budget: { shares, parts } }: { readonly budget: Budget }) {
  const { t } = useTranslation();
  const lines = [
    ...shares.map(({ share, used, remaining }) => ({
      name:
        share.kind === 'dataset'
          ? t('governance.whole')
          : t(`governance.shareOf.${share.kind}`, { name: share.name }),
      used,
      remaining,
    })),
    ...(parts?.used ?? []).map(({ value, used, remaining }) => ({
      name: `${parts?.column ?? ''} = ${value}`,
      used,
      remaining,
    })),
  ];
  if (lines.length === 0) return null;
  return (
    <Panel
      title={t('governance.shares')}
      hint={parts === undefined ? t('governance.sharesHint') : t('governance.partsHint', parts)}
    >
      <Table verticalSpacing="xs" aria-label={t('governance.shares')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('governance.of')}</Table.Th>
            <Table.Th ta="right">{t('governance.used')}</Table.Th>
            <Table.Th ta="right">{t('privacy.remaining')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody style={{ fontVariantNumeric: 'tabular-nums' }}>
          {lines.map(({ name, used, remaining }) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td ta="right">{used}</Table.Td>
              <Table.Td ta="right" fw={600}>
                {remaining}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
