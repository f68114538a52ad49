import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { BudgetRaise, type BudgetShare, type Dataset } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { useRequestTask } from '../task-queries.js';

const kinds = ['dataset', 'person', 'project'] as const;

/** Ask for a higher limit; two other people sign it, to the letter. */
export function RaiseButton({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpened(true)}>
        {t('governance.raise')}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('governance.raiseTitle')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <RaiseForm dataset={dataset} onDone={() => setOpened(false)} />
      </Modal>
    </>
  );
}

function RaiseForm({ dataset, onDone }: { readonly dataset: Dataset; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const request = useRequestTask(dataset.id);
  const [kind, setKind] = useState<BudgetShare['kind']>('dataset');
  const [name, setName] = useState('');
  const isRho = dataset.declaration.accounting === 'zcdp';
  const [limit, setLimit] = useState('');
  const [purpose, setPurpose] = useState('');
  const share = kind === 'dataset' ? { kind } : { kind, name };
  const raise = BudgetRaise.safeParse({
    kind: 'budget',
    share,
    ...(isRho ? { rhoLimit: limit } : { epsilonLimit: limit }),
    purpose: purpose.trim(),
  });
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
        description={t('governance.newLimitHint')}
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
          disabled={!raise.success}
          loading={request.isPending}
          onClick={() => raise.success && request.mutate(raise.data, { onSuccess: onDone })}
        >
          {t('governance.askRaise')}
        </Button>
      </Group>
    </Stack>
  );
}
