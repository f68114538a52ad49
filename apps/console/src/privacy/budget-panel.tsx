import { Group, Progress, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Budget, Dataset } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { useSession } from '../session/session-context.js';
import { Panel } from '../ui/panel.js';
import { LimitButton } from './governance/limit-button.js';
import { lossIn } from './loss-text.js';
import { BurnDownChart } from './burn-down-chart.js';

/** How much may still be learnt from the dataset, ever. */
export function BudgetPanel({ budget, dataset }: { readonly budget: Budget; readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const mayChange = dataset.state === 'sealed' && may('request:DatasetTask', dataset.project);
  const format = useFormat();
  const { accounting, asEpsilon, limit, spent, reserved, remaining, delta } = budget;
  const share = (epsilon: string) => (100 * Number(epsilon)) / (Number(limit) || 1);
  return (
    <Panel title={t('privacy.budget')} hint={t('privacy.budgetHint')}>
      <Stack gap="md">
        <div>
          <Group align="baseline" gap={8}>
            <Text fz={34} fw={700} lh={1.1} data-figure="remaining">
              {remaining}
            </Text>
            <Text c="dimmed">{t('privacy.remainingOf', { limit: lossIn(accounting, limit) })}</Text>
          </Group>
          <Progress.Root size={10} mt="xs" radius="xl">
            <Progress.Section value={share(spent)} color="ink" aria-label={t('privacy.spent')} />
            <Progress.Section value={share(reserved)} color="yellow.5" aria-label={t('privacy.reserved')} />
          </Progress.Root>
        </div>
        <SimpleGrid cols={4} spacing="xs">
          {(
            [
              ['limit', limit],
              ['spent', spent],
              ['reserved', reserved],
              ['remaining', remaining],
            ] as const
          ).map(([name, epsilon]) => (
            <div key={name}>
              <Text fz="xs" c="dimmed">
                {t(`privacy.${name}`)}
              </Text>
              <Text fw={600} style={{ fontVariantNumeric: 'tabular-nums' }} data-figure={`budget-${name}`}>
                {epsilon}
              </Text>
            </div>
          ))}
        </SimpleGrid>
        {delta !== undefined && (
          <Text fz="sm" data-figure="budget-delta">
            {t('privacy.deltaLeft', { remaining: delta.remaining, limit: delta.limit })}
          </Text>
        )}
        {asEpsilon !== undefined && (
          <Text fz="sm" data-figure="budget-as-epsilon">
            {t('privacy.asEpsilon', {
              spent: format.number(asEpsilon.spent.epsilon, 4),
              limit: format.number(asEpsilon.limit.epsilon, 4),
              delta: asEpsilon.limit.delta,
            })}
          </Text>
        )}
        <BurnDownChart budget={budget} />
        {mayChange && (
          <Group gap="xs">
            <LimitButton dataset={dataset} change="raise" />
            <LimitButton dataset={dataset} change="lower" />
          </Group>
        )}
        <Text fz="xs" c="dimmed">
          {t('privacy.spentShare', { share: format.percent(share(spent) / 100) })}
        </Text>
      </Stack>
    </Panel>
  );
}
