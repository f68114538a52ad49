import { Box, Group, Text } from '@mantine/core';
import type { QueryPrice } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { Pill } from '../ui/pill.js';
import { SelectionNote } from './selection-note.js';
import { noisesOf } from './noises-of.js';

/** The price and the noise of an answer, before anything is paid. */
export function PriceNote({
  price,
  fresh,
}: {
  readonly price: QueryPrice | undefined;
  readonly fresh: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (price === undefined)
    return (
      <Text fz="sm" c="dimmed">
        {t('privacy.pricing')}
      </Text>
    );
  const measures = price.columns.filter(({ kind }) => kind === 'measure');
  return (
    <Box
      p="sm"
      bg="var(--castellan-code-ground)"
      bd="1px solid var(--castellan-line)"
      style={{ borderRadius: 'var(--mantine-radius-md)', opacity: fresh ? 1 : 0.55 }}
      aria-live="polite"
    >
      <Group gap="sm">
        <Text fw={650} data-figure="price">
          {t('privacy.price', { epsilon: price.epsilon })}
          {price.delta !== undefined && ` · δ ${price.delta}`}
        </Text>
        {price.free && <Pill tone="good">{t('privacy.alreadyAnswered')}</Pill>}
        <Text fz="sm" c="dimmed" ml="auto">
          {t('privacy.leftNow', { epsilon: price.remaining })}
        </Text>
      </Group>
      <SelectionNote selection={price.selection} />
      {measures.flatMap(noisesOf).map(({ key, text, figures }) => (
        <Text fz="sm" c="dimmed" key={key} mt={4}>
          {t(text, {
            name: figures.name,
            mechanism: figures.mechanism.replaceAll('_', ' '),
            interval: format.number(figures.interval),
            sensitivity: format.number(figures.sensitivity),
          })}
        </Text>
      ))}
    </Box>
  );
}
