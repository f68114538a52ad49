import { Code, Table } from '@mantine/core';
import type { Denial } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Moment } from '../../ui/moment.js';
import { Panel } from '../../ui/panel.js';
import { lossText } from '../loss-text.js';

/** What the budget did not hold, newest first. Nothing at all where it held everything. */
export function DenialsPanel({ denials }: { readonly denials: readonly Denial[] }) {
  const { t } = useTranslation();
  if (denials.length === 0) return null;
  return (
    <Panel title={t('governance.denials')} hint={t('governance.denialsHint')}>
      <Table.ScrollContainer minWidth={760} type="native">
        <Table verticalSpacing="xs" aria-label={t('governance.denials')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('privacy.when')}</Table.Th>
              <Table.Th>{t('privacy.who')}</Table.Th>
              <Table.Th>{t('privacy.question')}</Table.Th>
              <Table.Th ta="right">{t('privacy.cost')}</Table.Th>
              <Table.Th>{t('governance.limitOf')}</Table.Th>
              <Table.Th ta="right">{t('governance.leftThen')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {denials.map((denial) => (
              <DenialLine key={`${denial.at} ${denial.person} ${denial.question}`} denial={denial} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function DenialLine({ denial }: { readonly denial: Denial }) {
  const { t } = useTranslation();
  const { at, person, question, share, remaining } = denial;
  return (
    <Table.Tr>
      <Table.Td c="dimmed">
        <Moment at={at} />
      </Table.Td>
      <Table.Td>{person}</Table.Td>
      <Table.Td>
        <Code style={{ whiteSpace: 'pre-wrap' }}>{question}</Code>
      </Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        {lossText(denial)}
      </Table.Td>
      <Table.Td>
        {share.kind === 'dataset'
          ? t('governance.whole')
          : t(`governance.shareOf.${share.kind}`, { name: share.name })}
      </Table.Td>
      <Table.Td ta="right">{remaining}</Table.Td>
    </Table.Tr>
  );
}
