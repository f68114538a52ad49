import { Paper, Text } from '@mantine/core';
import type { Alarm } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useFormat } from '../i18n/use-format.js';
import { axisStyle, gridColor, inkColor } from '../ui/chart-style.js';
import { type WindowPoint, windowTotals } from './window-totals.js';

/** What was counted in each part of the window, its running total, and the threshold that this passed. */
export function AlarmChart({ alarm }: { readonly alarm: Alarm }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { number, threshold } = alarm;
  const most = Math.max(number, threshold) * 1.15;
  return (
    <div role="img" aria-label={t('alarms.chart', { number, threshold })}>
      <ResponsiveContainer width="100%" height={150}>
        <ComposedChart
          data={windowTotals(alarm)}
          margin={{ top: 12, right: 8, bottom: 0, left: -12 }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke={gridColor} vertical={false} />
          <XAxis dataKey="at" tickFormatter={format.clock} minTickGap={40} {...axisStyle} />
          <YAxis
            domain={[0, most]}
            tickFormatter={(value: number) => format.number(value, 0)}
            {...axisStyle}
          />
          <ReferenceLine y={threshold} stroke="var(--castellan-bad)" strokeDasharray="4 4" />
          <Tooltip
            content={({ payload }) => <PointNote point={payload[0]?.payload} />}
            isAnimationActive={false}
          />
          <Bar dataKey="count" fill={inkColor} fillOpacity={0.35} isAnimationActive={false} />
          <Line
            type="stepAfter"
            dataKey="total"
            stroke={inkColor}
            strokeWidth={2}
            dot={false}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
      <Text fz="xs" c="dimmed" ta="center">
        {t('alarms.chartAxis')}
      </Text>
    </div>
  );
}

function PointNote({ point }: { readonly point: WindowPoint | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (point === undefined) return null;
  return (
    <Paper p="xs" shadow="sm" fz="xs">
      <div>{format.moment(point.at)}</div>
      <div>{t('alarms.counted', { count: format.number(point.count) })}</div>
      <strong>{t('alarms.total', { total: format.number(point.total) })}</strong>
    </Paper>
  );
}
