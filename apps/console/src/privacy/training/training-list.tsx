import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { Dataset, Training } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { lossText } from '../loss-text.js';
import { Link } from 'react-router';
import { Moment } from '../../ui/moment.js';
import { Pill, type Tone } from '../../ui/pill.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { TrainingCurve } from './training-curve.js';
import { useCancelTraining, useTrainings } from './training-queries.js';

const tones: Readonly<Record<Training['state'], Tone>> = {
  waiting: 'wait',
  running: 'busy',
  done: 'good',
  failed: 'bad',
  refunded: 'idle',
};

/** The trainings that there are, each with its curve. */
export function TrainingList({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const trainings = useTrainings(dataset.id);
  if (trainings.error !== null) return <RefusalNotice error={trainings.error} />;
  if (trainings.data === undefined) return null;
  if (trainings.data.length === 0)
    return (
      <Text fz="sm" c="dimmed">
        {t('training.none')}
      </Text>
    );
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {trainings.data.map((training) => (
        <li key={training.id}>
          <TrainingItem datasetId={dataset.id} training={training} />
        </li>
      ))}
    </Stack>
  );
}

function TrainingItem({ datasetId, training }: { readonly datasetId: string; readonly training: Training }) {
  const { t } = useTranslation();
  const cancel = useCancelTraining(datasetId);
  const {
    id,
    state,
    delta,
    person,
    createdAt,
    points,
    steps,
    version,
    failure,
    cancelling,
    base,
    failureDetail,
  } = training;
  const under = state === 'waiting' || state === 'running';
  return (
    <Stack gap="xs" pt="sm" style={{ borderTop: '1px solid var(--castellan-line)' }}>
      <Group gap="sm">
        <Pill tone={tones[state]}>{t(`training.states.${state}`)}</Pill>
        <Text fz="sm" fw={600}>
          {lossText(training)} · δ {delta}
        </Text>
        <Text fz="sm" c="dimmed">
          {person} · <Moment at={createdAt} />
        </Text>
        {version !== undefined && (
          <Anchor component={Link} to={`/models/${version.ref.replace('@', '/versions/')}`} fz="sm">
            {version.ref}
          </Anchor>
        )}
        {under && (
          <Button
            size="compact-sm"
            variant="default"
            ml="auto"
            disabled={cancelling}
            loading={cancel.isPending}
            onClick={() => cancel.mutate(id)}
          >
            {cancelling ? t('training.stopping') : t('training.stop')}
          </Button>
        )}
      </Group>
      {base !== undefined && (
        <Text fz="sm" c="dimmed">
          {t('training.goesOnFrom')}{' '}
          <Anchor component={Link} to={`/models/${base.replace('@', '/versions/')}`} fz="sm">
            {base}
          </Anchor>
        </Text>
      )}
      {failure !== undefined && (
        <Text fz="sm" c="dimmed">
          {t('synthesis.failure', { code: failure })}
          {failureDetail !== undefined && <br />}
          {failureDetail}
        </Text>
      )}
      {cancel.error !== null && <RefusalNotice error={cancel.error} />}
      {points.length > 0 && <TrainingCurve points={points} steps={steps} />}
    </Stack>
  );
}
