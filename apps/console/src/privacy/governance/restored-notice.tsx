import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { ReconcileBudget, type Budget, type Dataset } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';
import { useSession } from '../../session/session-context.js';
import { Icon } from '../../ui/icon.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { useReconcile } from '../privacy-queries.js';

/** Of a ledger that came from a backup: why nothing is answered, and for its steward what ends that. */
export function RestoredNotice({ budget, dataset }: { readonly budget: Budget; readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const format = useFormat();
  if (budget.restoredAt === undefined) return null;
  return (
    <Alert color="yellow" variant="default" icon={<Icon name="warning" />} title={t('governance.restored')}>
      <Stack gap="sm">
        <Text fz="sm">{t('governance.restoredHint', { at: format.moment(budget.restoredAt) })}</Text>
        {may('reconcile:Dataset', dataset.project) && <ReconcileForm budget={budget} dataset={dataset} />}
      </Stack>
    </Alert>
  );
}

function ReconcileForm({ budget, dataset }: { readonly budget: Budget; readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const reconcile = useReconcile(dataset.id);
  const isRho = budget.accounting === 'zcdp';
  const [spent, setSpent] = useState('');
  const [delta, setDelta] = useState('');
  const [reason, setReason] = useState('');
  const said = ReconcileBudget.safeParse({
    ...(isRho ? { rho: spent.trim() } : { epsilon: spent.trim() }),
    reason,
    ...(delta.trim() === '' ? {} : { delta: delta.trim() }),
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (said.success) reconcile.mutate(said.data);
      }}
    >
      <Stack gap="sm">
        {reconcile.error !== null && <RefusalNotice error={reconcile.error} />}
        <TextInput
          label={t('governance.spentSince', { unit: isRho ? 'ρ' : 'ε' })}
          description={t('governance.spentSinceHint')}
          value={spent}
          onChange={(event) => setSpent(event.currentTarget.value)}
          required
        />
        {budget.delta !== undefined && (
          <TextInput
            label={t('governance.deltaSpentSince')}
            value={delta}
            onChange={(event) => setDelta(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={t('governance.howKnown')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          required
        />
        <Group justify="flex-end">
          <Button type="submit" disabled={!said.success} loading={reconcile.isPending}>
            {t('governance.reconcile')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
