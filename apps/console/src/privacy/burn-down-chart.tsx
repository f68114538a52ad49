import { Paper, Text } from '@mantine/core';
import type { Budget } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import {
  Area,
  AreaChart,
  CartesianGrid,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useFormat } from '../i18n/use-format.js';
import { axisStyle, gridColor, inkColor } from '../ui/chart-style.js';
import { type BurnPoint, burnDown } from './burn-down.js';
import { lossIn, lossText } from './loss-text.js';

/** The remaining budget, question by question. The ledger below says the same in a table. */
export function BurnDownChart({ budget }: { readonly budget: Budget }) {
  const { t } = useTranslation();
  const points = burnDown(budget);
  const limit = Number(budget.limit);
  const last = points.at(-1);
  const drawn = last === undefined ? points : [...points, { ...last, question: last.question + 0.6 }];
  return (
    <div role="img" aria-label={t('privacy.chart', { remaining: budget.remaining, limit: budget.limit })}>
      <ResponsiveContainer width="100%" height={180}>
        <AreaChart
          data={drawn}
          margin={{ top: 12, right: 8, bottom: 0, left: -18 }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke={gridColor} vertical={false} />
          <XAxis
            dataKey="question"
            type="number"
            domain={[0, points.length - 0.4]}
            allowDecimals={false}
            ticks={tickMarks(points.length - 1)}
            {...axisStyle}
          />
          <YAxis domain={[0, limit]} {...axisStyle} />
          <ReferenceLine y={limit} stroke="var(--castellan-bad)" strokeDasharray="4 4" />
          <Tooltip
            content={({ payload }) => (
              <PointNote point={payload[0]?.payload} accounting={budget.accounting} />
            )}
            isAnimationActive={false}
          />
          <Area
            type="stepAfter"
            dataKey="remaining"
            stroke={inkColor}
            strokeWidth={2}
            fill={inkColor}
            fillOpacity={0.15}
            isAnimationActive={false}
          />
        </AreaChart>
      </ResponsiveContainer>
      <Text fz="xs" c="dimmed" ta="center">
        {t('privacy.chartAxis')}
      </Text>
    </div>
  );
}

/** Whole numbers from 0 to `last`, at most eight of them. */
function tickMarks(last: number): number[] {
  const step = Math.max(1, Math.ceil(last / 8));
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, at) => at * step);
}

function PointNote({
  point,
  accounting,
}: {
  readonly point: BurnPoint | undefined;
  readonly accounting: Budget['accounting'];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (point === undefined) return null;
  return (
    <Paper p="xs" shadow="sm" fz="xs">
      {point.at !== undefined && (
        <>
          <div>{format.moment(point.at)}</div>
          <div>{t('privacy.chargedTo', { loss: lossText(point), person: point.person ?? '' })}</div>
        </>
      )}
      <strong>{t('privacy.left', { loss: lossIn(accounting, format.number(point.remaining, 6)) })}</strong>
    </Paper>
  );
}
