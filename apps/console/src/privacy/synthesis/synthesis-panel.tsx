import { Button, Group, MultiSelect, NumberInput, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { Dataset, SynthesisRequest } from '@castellan/contracts';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/panel.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { SynthesisList } from './synthesis-list.js';
import { SynthesisPriceNote } from './synthesis-price-note.js';
import { useSynthesisPrice, useSynthesize } from './synthesis-queries.js';

/** Have a synthetic table made: what to imitate, the price, then the tables that there are. */
export function SynthesisPanel({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const names = dataset.declaration.columns
    .filter(({ type }) => type === 'category' || type === 'number')
    .map(({ name }) => name);
  const most = dataset.declaration.maxRowsPerGroup;
  const [request, setRequest] = useState<SynthesisRequest>({
    columns: names,
    bins: 16,
    rowsPerUnit: 1,
    epsilon: '0.5',
  });
  const change = (part: Partial<SynthesisRequest>) => setRequest({ ...request, ...part });
  const [priced] = useDebouncedValue(request, 400);
  const price = useSynthesisPrice(dataset.id, priced);
  const make = useSynthesize(dataset.id);
  const current = priced === request && !price.isPlaceholderData;
  const payable = current && price.data !== undefined && !price.isError;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (payable) make.mutate(request);
  };
  return (
    <Panel title={t('synthesis.title')} hint={t('synthesis.hint')}>
      <Stack gap="md">
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            <MultiSelect
              label={t('synthesis.columns')}
              data={names}
              value={request.columns ?? []}
              onChange={(columns) => change({ columns })}
            />
            <Group align="flex-end" gap="md">
              <TextInput
                label={t('synthesis.epsilon')}
                value={request.epsilon}
                onChange={(event) => change({ epsilon: event.currentTarget.value })}
                inputMode="decimal"
                w={120}
              />
              <NumberInput
                label={t('synthesis.bins')}
                value={request.bins}
                onChange={(bins) => change({ bins: Number(bins) })}
                min={2}
                max={64}
                w={140}
              />
              <NumberInput
                label={t('synthesis.rowsPerUnit')}
                value={request.rowsPerUnit}
                onChange={(rows) => change({ rowsPerUnit: Number(rows) })}
                min={1}
                max={most}
                w={140}
              />
            </Group>
            {price.error !== null && current ? (
              <RefusalNotice error={price.error} />
            ) : (
              <SynthesisPriceNote price={price.data} fresh={current} />
            )}
            <Group>
              <Button
                type="submit"
                leftSection={<Icon name="privacy" />}
                disabled={!payable}
                loading={make.isPending}
              >
                {price.data?.free === true
                  ? t('synthesis.makeFree')
                  : t('synthesis.makeFor', { epsilon: price.data?.epsilon ?? request.epsilon })}
              </Button>
            </Group>
          </Stack>
        </form>
        {make.error !== null && <RefusalNotice error={make.error} />}
        <SynthesisList dataset={dataset} />
      </Stack>
    </Panel>
  );
}
