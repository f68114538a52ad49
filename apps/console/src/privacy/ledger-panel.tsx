import { Code, Table, Text } from '@mantine/core';
import type { LedgerEntry } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';
import { lossText } from './loss-text.js';

const tones: Readonly<Record<LedgerEntry['state'], Tone>> = {
  reserved: 'wait',
  committed: 'good',
  refunded: 'idle',
};

/** Every charge, newest first. */
export function LedgerPanel({ entries }: { readonly entries: readonly LedgerEntry[] }) {
  const { t } = useTranslation();
  const newestFirst = entries.toSorted((left, right) => right.createdAt.localeCompare(left.createdAt));
  return (
    <Panel title={t('privacy.ledger')} hint={t('privacy.ledgerHint')}>
      {entries.length === 0 ? (
        <NothingHere icon="audit" title={t('privacy.noCharges')} />
      ) : (
        <Table.ScrollContainer minWidth={760} type="native">
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('privacy.when')}</Table.Th>
                <Table.Th>{t('privacy.who')}</Table.Th>
                <Table.Th>{t('privacy.question')}</Table.Th>
                <Table.Th ta="right">{t('privacy.cost')}</Table.Th>
                <Table.Th>{t('models.state')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {newestFirst.map(({ id, createdAt, person, question, delta, parts, state, ...loss }) => (
                <Table.Tr key={id}>
                  <Table.Td c="dimmed">
                    <Moment at={createdAt} />
                  </Table.Td>
                  <Table.Td>{person}</Table.Td>
                  <Table.Td>
                    <Code style={{ whiteSpace: 'pre-wrap' }}>{question}</Code>
                    {parts !== undefined && (
                      <Text fz="xs" c="dimmed">
                        {t('governance.chargedToParts', { parts: parts.join(', ') })}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td
                    ta="right"
                    fw={600}
                    style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}
                  >
                    {lossText(loss)}
                    {delta !== undefined && (
                      <Text fz="xs" c="dimmed">
                        δ {delta}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Pill tone={tones[state]}>{t(`privacy.entryStates.${state}`)}</Pill>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
