import { Paper, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Bar, BarChart, CartesianGrid, ErrorBar, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useFormat } from '../i18n/use-format.js';
import { axisStyle, gridColor, inkColor } from '../ui/chart-style.js';
import type { AnswerBar } from './answer-rows.js';

/** One measure by group, each bar with its 95 % interval. */
export function AnswerChart({ bars, name }: { readonly bars: readonly AnswerBar[]; readonly name: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div role="img" aria-label={t('privacy.answerChart', { name })}>
      <ResponsiveContainer width="100%" height={240}>
        <BarChart
          data={[...bars]}
          margin={{ top: 12, right: 8, bottom: 0, left: 8 }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke={gridColor} vertical={false} />
          <XAxis dataKey="group" {...axisStyle} />
          <YAxis tickFormatter={(value: number) => format.compact(value)} {...axisStyle} />
          <Tooltip
            cursor={{ fill: 'var(--castellan-line)', fillOpacity: 0.4 }}
            content={({ payload }) => <BarNote bar={payload[0]?.payload} />}
            isAnimationActive={false}
          />
          <Bar
            dataKey="value"
            fill={inkColor}
            radius={[4, 4, 0, 0]}
            maxBarSize={64}
            isAnimationActive={false}
          >
            <ErrorBar dataKey="interval" width={8} strokeWidth={2} stroke="var(--mantine-color-text)" />
          </Bar>
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

function BarNote({ bar }: { readonly bar: AnswerBar | undefined }) {
  const format = useFormat();
  if (bar === undefined) return null;
  const [below, above] = bar.interval;
  return (
    <Paper p="xs" shadow="sm">
      <Text fz="xs" fw={600}>
        {bar.group}
      </Text>
      <Text fz="xs">
        {below === 0 && above === 0
          ? format.number(bar.value)
          : below === above
            ? `${format.number(bar.value)} ± ${format.number(above)}`
            : `${format.number(bar.value)} (${format.number(bar.value - below)} … ${format.number(bar.value + above)})`}
      </Text>
    </Paper>
  );
}
