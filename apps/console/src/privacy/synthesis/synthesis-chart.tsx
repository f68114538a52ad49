import { Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core';
import type { SynthesisFigures } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useFormat } from '../../i18n/use-format.js';
import { axisStyle, gridColor, inkColor } from '../../ui/chart-style.js';

type Count = SynthesisFigures['columns'][number]['counts'][number];

/** Released noisy counts beside those of the synthetic table; the protected table's own are nowhere here. */
export function SynthesisChart({ figures }: { readonly figures: SynthesisFigures }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, choose] = useState<string>();
  const column = figures.columns.find(({ name }) => name === chosen) ?? figures.columns[0];
  if (column === undefined) return null;
  const counts = column.counts.map((count) => ({
    ...count,
    value: count.value === '' ? t('synthesis.missing') : count.value,
  }));
  return (
    <Stack gap="xs">
      {figures.columns.length > 1 && (
        <Group>
          <SegmentedControl
            size="xs"
            data={figures.columns.map(({ name }) => name)}
            value={column.name}
            onChange={choose}
            aria-label={t('synthesis.column')}
          />
        </Group>
      )}
      <div role="img" aria-label={t('synthesis.chart', { name: column.name })}>
        <ResponsiveContainer width="100%" height={240}>
          <BarChart
            data={counts}
            margin={{ top: 12, right: 8, bottom: 0, left: 8 }}
            accessibilityLayer={false}
          >
            <CartesianGrid stroke={gridColor} vertical={false} />
            <XAxis dataKey="value" {...axisStyle} />
            <YAxis tickFormatter={(value: number) => format.compact(value)} {...axisStyle} />
            <ReferenceLine y={0} stroke="var(--mantine-color-dimmed)" />
            <Tooltip
              cursor={{ fill: 'var(--castellan-line)', fillOpacity: 0.4 }}
              content={({ payload }) => <CountNote count={payload[0]?.payload} />}
              isAnimationActive={false}
            />
            <Legend wrapperStyle={{ fontSize: 12 }} />
            <Bar
              dataKey="released"
              name={t('synthesis.released')}
              fill={inkColor}
              fillOpacity={0.35}
              isAnimationActive={false}
            />
            <Bar
              dataKey="synthetic"
              name={t('synthesis.synthetic')}
              fill={inkColor}
              isAnimationActive={false}
            />
          </BarChart>
        </ResponsiveContainer>
      </div>
      <Text fz="xs" c="dimmed">
        {t('synthesis.chartNote', { interval: format.number(figures.interval95) })}
      </Text>
    </Stack>
  );
}

function CountNote({ count }: { readonly count: Count | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (count === undefined) return null;
  return (
    <Paper p="xs" shadow="sm">
      <Text fz="xs" fw={600}>
        {count.value}
      </Text>
      <Text fz="xs">
        {t('synthesis.released')}: {format.number(count.released)}
      </Text>
      <Text fz="xs">
        {t('synthesis.synthetic')}: {format.number(count.synthetic)}
      </Text>
    </Paper>
  );
}
