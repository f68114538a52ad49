import { Box, Group, Text } from '@mantine/core';
import type { TrainingPrice } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';

/** The price of a training and the noise of its steps, before anything is paid. */
export function TrainingPriceNote({
  price,
  fresh,
}: {
  readonly price: TrainingPrice | undefined;
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
  return (
    <Box
      p="sm"
      bg="var(--castellan-code-ground)"
      bd="1px solid var(--castellan-line)"
      style={{ borderRadius: 'var(--mantine-radius-md)', opacity: fresh ? 1 : 0.55 }}
      aria-live="polite"
    >
      <Group gap="sm">
        <Text fw={650} data-figure="training-price">
          {t('training.price', { epsilon: price.epsilon, delta: price.delta })}
        </Text>
        <Text fz="sm" c="dimmed" ml="auto">
          {t('training.leftNow', { epsilon: price.remaining, delta: price.remainingDelta })}
        </Text>
      </Group>
      <Text fz="sm" c="dimmed" mt={4}>
        {t('training.noise', { noise: price.noise, parameters: format.number(price.parameters) })}
      </Text>
    </Box>
  );
}
