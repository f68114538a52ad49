import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { BudgetLowering, BudgetRaise, type BudgetShare, type Dataset } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { useRequestTask } from '../task-queries.js';

const kinds = ['dataset', 'person', 'project'] as const;

type Change = 'raise' | 'lower';

/** Ask for a higher limit, which two other people sign, to the letter; or lower one at once. */
export function LimitButton({ dataset, change }: { readonly dataset: Dataset; readonly change: Change }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpened(true)}>
        {t(`governance.${change}`)}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t(`governance.${change}Title`)}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <LimitForm dataset={dataset} change={change} onDone={() => setOpened(false)} />
      </Modal>
    </>
  );
}

function LimitForm({
  dataset,
  change,
  onDone,
}: {
  readonly dataset: Dataset;
  readonly change: Change;
  readonly onDone: () => void;
}) {
  const { t } = useTranslation();
  const request = useRequestTask(dataset.id);
  const [kind, setKind] = useState<BudgetShare['kind']>('dataset');
  const [name, setName] = useState('');
  const isRho = dataset.declaration.accounting === 'zcdp';
  const [limit, setLimit] = useState('');
  const [purpose, setPurpose] = useState('');
  const share = kind === 'dataset' ? { kind } : { kind, name };
  const stated = isRho ? { rhoLimit: limit } : { epsilonLimit: limit };
  const wanted = { share, ...stated, purpose: purpose.trim() };
  const asked =
    change === 'raise'
      ? BudgetRaise.safeParse({ ...wanted, kind: 'budget' })
      : BudgetLowering.safeParse({ ...wanted, kind: 'lower' });
  return (
    <Stack>
      {request.error !== null && <RefusalNotice error={request.error} />}
      <Select
        label={t('governance.limitOf')}
        data={kinds.map((value) => ({ value, label: t(`governance.kinds.${value}`) }))}
        value={kind}
        onChange={(value) => setKind(kinds.find((known) => known === value) ?? 'dataset')}
        allowDeselect={false}
      />
      {kind !== 'dataset' && (
        <TextInput
          label={t('governance.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
      )}
      <TextInput
        label={t('governance.newLimit', { unit: isRho ? 'ρ' : 'ε' })}
        description={t(change === 'raise' ? 'governance.newLimitHint' : 'governance.lowerHint')}
        value={limit}
        onChange={(event) => setLimit(event.currentTarget.value)}
        required
      />
      <Textarea
        label={t('governance.purpose')}
        value={purpose}
        onChange={(event) => setPurpose(event.currentTarget.value)}
        required
      />
      <Group justify="flex-end">
        <Button
          disabled={!asked.success}
          loading={request.isPending}
          onClick={() => asked.success && request.mutate(asked.data, { onSuccess: onDone })}
        >
          {t(change === 'raise' ? 'governance.askRaise' : 'governance.lowerNow')}
        </Button>
      </Group>
    </Stack>
  );
}
