import { Group, Text } from '@mantine/core';
import { DataRequestBody, type DatasetTask } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Pill, type Tone } from '../ui/pill.js';

const tones: Readonly<Record<'open' | 'running' | 'waiting' | 'done', Tone>> = {
  open: 'idle',
  running: 'wait',
  waiting: 'wait',
  done: 'good',
};

/** The steps of a pipeline in their order, and where each is. */
export function PipelinePicture({ task }: { readonly task: DatasetTask }) {
  const { t } = useTranslation();
  const document = DataRequestBody.safeParse(JSON.parse(task.request));
  if (!document.success || document.data.kind !== 'pipeline') return null;
  const { name, version, steps } = document.data;
  const states = task.summary?.kind === 'pipeline' ? task.summary.steps : [];
  return (
    <Group gap={6} mt={6} role="list" aria-label={t('pipeline.steps', { name, version })}>
      {steps.map(({ step }, at) => {
        const state = states[at]?.state ?? 'open';
        return (
          <Group gap={6} key={at} role="listitem" wrap="nowrap">
            {at > 0 && (
              <Text c="dimmed" aria-hidden>
                →
              </Text>
            )}
            <Pill
              tone={tones[state]}
            >{`${t(`pipeline.kinds.${step}`)} · ${t(`pipeline.states.${state}`)}`}</Pill>
          </Group>
        );
      })}
    </Group>
  );
}
