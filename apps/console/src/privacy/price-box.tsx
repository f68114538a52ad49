import { Box, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** What something costs, what remains, and how noisy it would be, before anything is paid. */
export function PriceBox({
  figure,
  price,
  free,
  remains,
  fresh,
  children,
}: {
  /** What it is called where it is looked for. */
  readonly figure: string;
  readonly price: string;
  readonly free?: ReactNode;
  readonly remains: string;
  /** False while another price is on its way. */
  readonly fresh: boolean;
  readonly children: ReactNode;
}) {
  return (
    <Box
      p="sm"
      bg="var(--castellan-code-ground)"
      bd="1px solid var(--castellan-line)"
      style={{ borderRadius: 'var(--mantine-radius-md)', opacity: fresh ? 1 : 0.55 }}
      aria-live="polite"
    >
      <Group gap="sm">
        <Text fw={650} data-figure={figure}>
          {price}
        </Text>
        {free}
        <Text fz="sm" c="dimmed" ml="auto">
          {remains}
        </Text>
      </Group>
      {children}
    </Box>
  );
}

/** One thing that is said of the noise. */
export function PriceLine({ children }: { readonly children: ReactNode }) {
  return (
    <Text fz="sm" c="dimmed" mt={4}>
      {children}
    </Text>
  );
}

/** Stands where the price will. */
export function Pricing() {
  const { t } = useTranslation();
  return (
    <Text fz="sm" c="dimmed">
      {t('privacy.pricing')}
    </Text>
  );
}
