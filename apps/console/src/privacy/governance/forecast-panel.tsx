import { Text } from '@mantine/core';
import type { Budget } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { useFormat } from '../../i18n/use-format.js';
import { axisStyle, gridColor, inkColor } from '../../ui/chart-style.js';
import { Panel } from '../../ui/panel.js';
import { lossIn } from '../loss-text.js';
import { forecastLine } from './forecast-line.js';

/** How the budget was used day by day, and when it ends if that goes on. */
export function ForecastPanel({ budget }: { readonly budget: Budget }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { forecast } = budget;
  const perDay = lossIn(budget.accounting, forecast.perDay);
  const points = forecastLine(forecast, budget, Date.now());
  const sentence =
    forecast.endsAt === undefined
      ? t('governance.noEnd', { perDay, count: forecast.days })
      : t('governance.ends', {
          perDay,
          count: forecast.days,
          day: format.day(forecast.endsAt),
        });
  const line = { dot: false, stroke: inkColor, strokeWidth: 2, isAnimationActive: false } as const;
  return (
    <Panel title={t('governance.forecast')} hint={t('governance.forecastHint')}>
      <Text fw={600} mb="xs" data-figure="forecast">
        {sentence}
      </Text>
      <div role="img" aria-label={sentence}>
        <ResponsiveContainer width="100%" height={170}>
          <LineChart
            data={points}
            margin={{ top: 8, right: 16, bottom: 0, left: -18 }}
            accessibilityLayer={false}
          >
            <CartesianGrid stroke={gridColor} vertical={false} />
            <XAxis
              dataKey="at"
              type="number"
              domain={['dataMin', 'dataMax']}
              tickCount={4}
              tickFormatter={(at: number) => format.day(new Date(at).toISOString())}
              {...axisStyle}
            />
            <YAxis domain={[0, Number(budget.limit)]} {...axisStyle} />
            <Line type="linear" dataKey="left" {...line} />
            <Line type="linear" dataKey="expected" strokeDasharray="5 5" {...line} />
          </LineChart>
        </ResponsiveContainer>
      </div>
    </Panel>
  );
}
