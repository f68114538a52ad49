import { Button, Group, Stack, Text } from '@mantine/core';
import type { Dataset, Synthesis } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lossText } from '../loss-text.js';
import { useFormat } from '../../i18n/use-format.js';
import { Icon } from '../../ui/icon.js';
import { Moment } from '../../ui/moment.js';
import { Pill, type Tone } from '../../ui/pill.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { SynthesisChart } from './synthesis-chart.js';
import { useDownload, useSyntheses, useSynthesisFigures } from './synthesis-queries.js';

const tones: Readonly<Record<Synthesis['state'], Tone>> = {
  waiting: 'wait',
  running: 'busy',
  done: 'good',
  failed: 'bad',
  refunded: 'idle',
};

/** The synthetic tables that there are; one at a time shows its figures. */
export function SynthesisList({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const syntheses = useSyntheses(dataset.id);
  const [chosen, choose] = useState<string>();
  if (syntheses.error !== null) return <RefusalNotice error={syntheses.error} />;
  if (syntheses.data === undefined) return null;
  if (syntheses.data.length === 0)
    return (
      <Text fz="sm" c="dimmed">
        {t('synthesis.none')}
      </Text>
    );
  const open = chosen ?? syntheses.data.find(({ state }) => state === 'done')?.id;
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {syntheses.data.map((synthesis) => (
        <li key={synthesis.id}>
          <SynthesisItem
            dataset={dataset}
            synthesis={synthesis}
            open={synthesis.id === open}
            onOpen={() => choose(synthesis.id)}
          />
        </li>
      ))}
    </Stack>
  );
}

function SynthesisItem({
  dataset,
  synthesis,
  open,
  onOpen,
}: {
  readonly dataset: Dataset;
  readonly synthesis: Synthesis;
  readonly open: boolean;
  readonly onOpen: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const download = useDownload(dataset.id, dataset.name);
  const { id, state, person, createdAt, rows, pairs = [], failure } = synthesis;
  return (
    <Stack gap="xs" pt="sm" style={{ borderTop: '1px solid var(--castellan-line)' }}>
      <Group gap="sm">
        <Pill tone={tones[state]}>{t(`synthesis.states.${state}`)}</Pill>
        <Text fz="sm" fw={600}>
          {lossText(synthesis)}
        </Text>
        <Text fz="sm" c="dimmed">
          {person} · <Moment at={createdAt} />
        </Text>
        {state === 'done' && (
          <Group gap="xs" ml="auto">
            {!open && (
              <Button size="compact-sm" variant="default" onClick={onOpen}>
                {t('synthesis.show')}
              </Button>
            )}
            <Button
              size="compact-sm"
              leftSection={<Icon name="download" size={14} />}
              loading={download.isPending}
              onClick={() => download.mutate(id)}
            >
              {t('synthesis.download')}
            </Button>
          </Group>
        )}
      </Group>
      {failure !== undefined && (
        <Text fz="sm" c="dimmed">
          {t('synthesis.failure', { code: failure })}
        </Text>
      )}
      {download.error !== null && <RefusalNotice error={download.error} />}
      {state === 'done' && open && (
        <>
          <Text fz="sm" c="dimmed">
            {t('synthesis.rows', { rows: format.number(rows ?? 0) })}{' '}
            {t('synthesis.together', {
              pairs: pairs.map(([left, right]) => `${left} × ${right}`).join(', ') || '—',
            })}
          </Text>
          <SynthesisFiguresView datasetId={dataset.id} id={id} />
        </>
      )}
    </Stack>
  );
}

function SynthesisFiguresView({ datasetId, id }: { readonly datasetId: string; readonly id: string }) {
  const figures = useSynthesisFigures(datasetId, id);
  if (figures.error !== null) return <RefusalNotice error={figures.error} />;
  return figures.data && <SynthesisChart figures={figures.data} />;
}
