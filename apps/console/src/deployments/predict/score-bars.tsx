import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';
import styles from './score-bars.module.css';
import { areShares } from './scores.js';

/** One bar a class, the highest in full colour. A table, so that it can be read without seeing the bars. */
export function ScoreBars({ scores }: { readonly scores: readonly number[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const top = scores.indexOf(Math.max(...scores));
  const lowest = Math.min(0, ...scores);
  const span = Math.max(...scores) - lowest || 1;
  const shares = areShares(scores);
  const show = (score: number) => (shares ? format.percent(score) : format.number(score, 4));
  return (
    <div>
      <Text fz="sm" c="dimmed">
        {t('predict.top')}
      </Text>
      <Text fz={34} fw={700} lh={1.1} mb="sm">
        {top}{' '}
        <Text span c="dimmed" fz="md" fw={500}>
          {show(scores[top] ?? 0)}
        </Text>
      </Text>
      <table className={styles['bars']} aria-label={t('predict.output')}>
        <tbody>
          {scores.map((score, index) => (
            <tr key={index} data-top={index === top || undefined}>
              <th scope="row">{index}</th>
              <td className={styles['track']}>
                <div style={{ width: `${(100 * (score - lowest)) / (shares ? 1 : span)}%` }} />
              </td>
              <td className={styles['figure']}>{show(score)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
