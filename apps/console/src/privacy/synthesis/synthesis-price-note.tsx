import { Box, Group, Text } from '@mantine/core';
import type { SynthesisPrice } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';
import { Pill } from '../../ui/pill.js';

/** The price of a synthetic table and how noisy its counts would be, before anything is paid. */
export function SynthesisPriceNote({
  price,
  fresh,
}: {
  readonly price: SynthesisPrice | undefined;
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
  const { single, pair, candidates } = price;
  return (
    <Box
      p="sm"
      bg="var(--castellan-code-ground)"
      bd="1px solid var(--castellan-line)"
      style={{ borderRadius: 'var(--mantine-radius-md)', opacity: fresh ? 1 : 0.55 }}
      aria-live="polite"
    >
      <Group gap="sm">
        <Text fw={650} data-figure="synthesis-price">
          {t('privacy.price', { epsilon: price.epsilon })}
        </Text>
        {price.free && <Pill tone="good">{t('synthesis.alreadyMade')}</Pill>}
        <Text fz="sm" c="dimmed" ml="auto">
          {t('privacy.leftNow', { epsilon: price.remaining })}
        </Text>
      </Group>
      <Text fz="sm" c="dimmed" mt={4}>
        {t('synthesis.singles', {
          count: single.marginals,
          interval: format.number(single.interval95),
          mechanism: single.mechanism.replaceAll('_', ' '),
        })}
      </Text>
      {pair && (
        <Text fz="sm" c="dimmed" mt={4}>
          {t('synthesis.pairs', {
            count: pair.marginals,
            candidates,
            interval: format.number(pair.interval95),
          })}
        </Text>
      )}
    </Box>
  );
}
