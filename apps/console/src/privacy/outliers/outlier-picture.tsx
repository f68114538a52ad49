import { Paper } from '@mantine/core';
import type { OutlierReport } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import {
  CartesianGrid,
  Legend,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useFormat } from '../../i18n/use-format.js';
import { axisStyle, gridColor, inkColor } from '../../ui/chart-style.js';

/** Usual records and outliers on the plane in which the records differ most. */
export function OutlierPicture({ report }: { readonly report: OutlierReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const tick = (value: number) => format.number(value, 1);
  return (
    <div role="img" aria-label={t('outliers.picture', { count: report.outliers.length })}>
      <ResponsiveContainer width="100%" height={320}>
        <ScatterChart margin={{ top: 12, right: 16, bottom: 8, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke={gridColor} />
          <XAxis dataKey="x" type="number" tickFormatter={tick} name={t('outliers.first')} {...axisStyle} />
          <YAxis dataKey="y" type="number" tickFormatter={tick} name={t('outliers.second')} {...axisStyle} />
          <Tooltip
            content={({ payload }) => <OutlierNote point={payload[0]?.payload} />}
            isAnimationActive={false}
          />
          <Legend wrapperStyle={{ fontSize: 12 }} />
          <Scatter
            name={t('outliers.usual')}
            data={[...report.usual]}
            fill={inkColor}
            fillOpacity={0.35}
            isAnimationActive={false}
          />
          <Scatter
            name={t('outliers.unusual')}
            data={[...report.outliers]}
            fill="var(--castellan-bad)"
            shape="diamond"
            isAnimationActive={false}
          />
        </ScatterChart>
      </ResponsiveContainer>
    </div>
  );
}

/** Of a usual record there is nothing to say: it is one of many. */
function OutlierNote({ point }: { readonly point: Partial<OutlierReport['outliers'][number]> | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (point?.row === undefined) return null;
  return (
    <Paper p="xs" shadow="sm" fz="xs">
      <strong>{t('outliers.record', { row: format.number(point.row) })}</strong>
      <div>{point.columns?.map(({ name }) => name).join(', ')}</div>
    </Paper>
  );
}
