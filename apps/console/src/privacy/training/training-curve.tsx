import { Text } from '@mantine/core';
import type { TrainingPoint } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { useFormat } from '../../i18n/use-format.js';
import { axisStyle, gridColor, inkColor } from '../../ui/chart-style.js';

/** Progress by what may be known: the loss on synthetic rows, or the noisy gradients' norm. */
export function TrainingCurve({
  points,
  steps,
}: {
  readonly points: readonly TrainingPoint[];
  readonly steps: number;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const last = points.at(-1);
  const measured = last?.loss !== undefined;
  const name = t(measured ? 'training.loss' : 'training.gradient');
  return (
    <>
      <div role="img" aria-label={t('training.curve', { step: last?.step ?? 0, steps })}>
        <ResponsiveContainer width="100%" height={200}>
          <LineChart
            data={[...points]}
            margin={{ top: 12, right: 8, bottom: 0, left: 8 }}
            accessibilityLayer={false}
          >
            <CartesianGrid stroke={gridColor} vertical={false} />
            <XAxis dataKey="step" type="number" domain={[0, steps]} {...axisStyle} />
            <YAxis tickFormatter={(value: number) => format.compact(value)} {...axisStyle} />
            <Legend wrapperStyle={{ fontSize: 12 }} />
            <Line
              dataKey={measured ? 'loss' : 'gradientNorm'}
              name={name}
              stroke={inkColor}
              dot={false}
              strokeWidth={2}
              isAnimationActive={false}
            />
          </LineChart>
        </ResponsiveContainer>
      </div>
      <Text fz="xs" c="dimmed">
        {last?.accuracy === undefined
          ? t('training.curveNote')
          : `${t('training.accuracy', { share: format.percent(last.accuracy) })} ${t('training.curveNote')}`}
      </Text>
    </>
  );
}
