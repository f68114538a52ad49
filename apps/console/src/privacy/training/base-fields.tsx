import { Autocomplete, Group, NumberInput } from '@mantine/core';
import type { TrainingRequest } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useModels } from '../../models/model-queries.js';

type Base = Pick<TrainingRequest, 'base' | 'trainLast'>;

/** An approved version to train on, and how much of it. Which of them are approved is the keybroker's to say. */
export function BaseFields({
  wanted: { base, trainLast },
  onChange,
}: {
  readonly wanted: Base;
  readonly onChange: (base: Base) => void;
}) {
  const { t } = useTranslation();
  const versions = (useModels().data ?? []).flatMap(({ name, latestVersion }) =>
    latestVersion === undefined ? [] : [`${name}@${latestVersion}`],
  );
  return (
    <Group align="flex-end" gap="md">
      <Autocomplete
        label={t('training.base')}
        placeholder={t('training.noBase')}
        data={versions}
        value={base ?? ''}
        onChange={(value) =>
          onChange(value.trim() === '' ? {} : { base: value.trim(), ...(trainLast && { trainLast }) })
        }
        w={260}
      />
      {base !== undefined && (
        <NumberInput
          label={t('training.trainLast')}
          placeholder={t('training.allLayers')}
          value={trainLast ?? ''}
          onChange={(count) => onChange({ base, ...(Number(count) > 0 && { trainLast: Number(count) }) })}
          min={1}
          max={5}
          w={200}
        />
      )}
    </Group>
  );
}
