import { Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import type { Answer } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { alike } from './loss-text.js';
import { useFormat } from '../i18n/use-format.js';
import { Pill } from '../ui/pill.js';
import { AnswerChart } from './answer-chart.js';
import { SelectionNote } from './selection-note.js';
import { barsOf, measuresOf } from './answer-rows.js';

/** A noisy answer: what it cost, a chart with 95 % intervals, and the same as a table. */
export function AnswerView({ answer }: { readonly answer: Answer }) {
  const { t } = useTranslation();
  const measures = measuresOf(answer);
  const [chosen, choose] = useState<string>();
  const measure = measures.find(({ name }) => name === chosen) ?? measures[0];
  const free = Number(answer.charged) === 0;
  return (
    <Stack gap="md" role="status">
      <Group justify="space-between">
        <Pill tone={free ? 'good' : 'busy'}>
          {free ? t('privacy.chargedNothing') : t('privacy.charged', { loss: alike(answer, answer.charged) })}
          {!free && answer.delta !== undefined && ` · δ ${answer.delta}`}
        </Pill>
        {measures.length > 1 && (
          <SegmentedControl
            size="xs"
            data={measures.map(({ name }) => name)}
            value={measure?.name ?? ''}
            onChange={choose}
            aria-label={t('privacy.measure')}
          />
        )}
      </Group>
      {measure !== undefined && <AnswerChart bars={barsOf(answer, measure)} name={measure.name} />}
      {answer.selection !== undefined && answer.rows.length === 0 && (
        <Text fz="sm">{t('privacy.noGroups')}</Text>
      )}
      <AnswerTable answer={answer} />
      <SelectionNote selection={answer.selection} />
      <Text fz="xs" c="dimmed">
        {t('privacy.answerNote')}
      </Text>
    </Stack>
  );
}

function AnswerTable({ answer: { columns, rows, intervals95 } }: { readonly answer: Answer }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.ScrollContainer minWidth={360} type="native">
      <Table verticalSpacing="xs" aria-label={t('privacy.answer')}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ name, kind }) => (
              <Table.Th key={name} ta={kind === 'measure' ? 'right' : 'left'}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, index) => (
            <Table.Tr key={index}>
              {row.map((cell, at) => {
                const column = columns[at];
                if (typeof cell !== 'number') return <Table.Td key={at}>{cell ?? '–'}</Table.Td>;
                return (
                  <Table.Td key={at} ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
                    {format.number(cell)}
                    <Text span c="dimmed" fz="xs" ml={6}>
                      {column?.interval95 !== undefined
                        ? `± ${format.number(column.interval95)}`
                        : intervals95?.[index]?.[at]?.map((end) => format.number(end)).join(' … ')}
                    </Text>
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
