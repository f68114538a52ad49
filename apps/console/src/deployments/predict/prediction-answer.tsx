import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';
import { Digest } from '../../ui/digest.js';
import { ExactText } from '../../ui/exact-text.js';
import type { Prediction } from '../deployment-queries.js';
import { ScoreBars } from './score-bars.js';
import { scoresOf } from './scores.js';

/** What came back: bars where it is a row of scores, else JSON; with the latency and the digest of what computed it. */
export function PredictionAnswer({ prediction }: { readonly prediction: Prediction | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (prediction === undefined)
    return (
      <Text c="dimmed" fz="sm">
        {t('predict.noAnswer')}
      </Text>
    );
  const { response, latencyMs } = prediction;
  const scores = scoresOf(response.output);
  return (
    <Stack gap="md" role="status">
      {scores === undefined ? (
        <ExactText text={JSON.stringify(response.output, null, 2)} label={t('predict.output')} />
      ) : (
        <ScoreBars scores={scores} />
      )}
      <Group gap="lg" fz="sm" c="dimmed">
        <span>{t('predict.latency', { milliseconds: format.number(latencyMs, 0) })}</span>
        <span>{`${response.model}@${response.version}`}</span>
        <Digest value={response.versionDigest} label={t('versions.digest')} />
      </Group>
    </Stack>
  );
}
