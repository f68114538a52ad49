import { Button, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { TrainingRequest, type Dataset } from '@castellan/contracts';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/panel.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { useSyntheses } from '../synthesis/synthesis-queries.js';
import { BaseFields } from './base-fields.js';
import { TrainingList } from './training-list.js';
import { TrainingPriceNote } from './training-price-note.js';
import { useTrain, useTrainingPrice } from './training-queries.js';

/** Have a model trained with differential privacy: what it predicts, the price, then the trainings that there are. */
export function TrainingPanel({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const names = dataset.declaration.columns
    .filter(({ type }) => type === 'category' || type === 'number')
    .map(({ name }) => name);
  const category = dataset.declaration.columns.find(({ type }) => type === 'category')?.name;
  const made = useSyntheses(dataset.id).data?.find(({ state }) => state === 'done');
  const [wanted, setWanted] = useState<TrainingRequest>(() =>
    TrainingRequest.parse({
      label: category ?? names[0] ?? 'label',
      model: dataset.name,
      epsilon: '1',
      delta: '1e-6',
    }),
  );
  const change = (part: Partial<TrainingRequest>) => setWanted({ ...wanted, ...part });
  const [priced] = useDebouncedValue(wanted, 600);
  const price = useTrainingPrice(dataset.id, priced);
  const train = useTrain(dataset);
  const current = priced === wanted && !price.isPlaceholderData;
  const payable = current && price.data !== undefined && !price.isError;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (payable) train.mutate({ ...wanted, ...(made && { evaluateOn: made.id }) });
  };
  return (
    <Panel title={t('training.title')} hint={t('training.hint')}>
      <Stack gap="md">
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            <Group align="flex-end" gap="md">
              <Select
                label={t('training.label')}
                data={names}
                value={wanted.label}
                onChange={(label) => change({ label: label ?? wanted.label })}
                allowDeselect={false}
                w={180}
              />
              <TextInput
                label={t('training.model')}
                value={wanted.model}
                onChange={(event) => change({ model: event.currentTarget.value })}
                w={220}
              />
              <NumberInput
                label={t('training.steps')}
                value={wanted.steps}
                onChange={(steps) => change({ steps: Number(steps) })}
                min={1}
                max={20_000}
                w={120}
              />
            </Group>
            <Group align="flex-end" gap="md">
              <TextInput
                label={t('training.epsilon')}
                value={wanted.epsilon}
                onChange={(event) => change({ epsilon: event.currentTarget.value })}
                inputMode="decimal"
                w={120}
              />
              <TextInput
                label={t('training.delta')}
                value={wanted.delta}
                onChange={(event) => change({ delta: event.currentTarget.value })}
                w={120}
              />
              <TextInput
                label={t('training.samplingRate')}
                value={wanted.samplingRate}
                onChange={(event) => change({ samplingRate: event.currentTarget.value })}
                inputMode="decimal"
                w={140}
              />
              <NumberInput
                label={t('training.batchUnits')}
                value={wanted.batchUnits}
                onChange={(units) => change({ batchUnits: Number(units) })}
                min={1}
                w={140}
              />
            </Group>
            <BaseFields
              wanted={wanted}
              onChange={(base) => {
                const { base: _, trainLast: __, ...rest } = wanted;
                setWanted({ ...rest, ...base });
              }}
            />
            {price.error !== null && current ? (
              <RefusalNotice error={price.error} />
            ) : (
              <TrainingPriceNote price={price.data} fresh={current} />
            )}
            <Group>
              <Button
                type="submit"
                leftSection={<Icon name="box" />}
                disabled={!payable}
                loading={train.isPending}
              >
                {price.data?.free === true
                  ? t('training.trainFree')
                  : t('training.trainFor', {
                      epsilon: price.data?.epsilon ?? wanted.epsilon,
                      delta: price.data?.delta ?? wanted.delta,
                    })}
              </Button>
            </Group>
          </Stack>
        </form>
        {train.error !== null && <RefusalNotice error={train.error} />}
        <TrainingList dataset={dataset} />
      </Stack>
    </Panel>
  );
}
