import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { Dataset } from '@castellan/contracts';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../ui/icon.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { AnswerView } from './answer-view.js';
import { lossText } from './loss-text.js';
import { PriceNote } from './price-note.js';
import { useAsk, usePrice } from './privacy-queries.js';
import { startingQuestion } from './starting-question.js';

/** Only groups by such columns cost delta. */
function takesDelta({ declaration }: Dataset): boolean {
  return declaration.columns.some(({ type }) => type === 'text');
}

/** Ask in SQL: the price is shown before it is paid, the answer with its noise. */
export function AskPanel({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const [sql, setSql] = useState(() => startingQuestion(dataset));
  const isRho = dataset.declaration.accounting === 'zcdp';
  const [amount, setAmount] = useState(isRho ? '0.01' : '0.5');
  const loss = isRho ? { rho: amount } : { epsilon: amount };
  const [delta, setDelta] = useState('');
  const question = { sql, ...loss, ...(delta.trim() === '' ? {} : { delta: delta.trim() }) };
  const asked = JSON.stringify(question);
  const [priced] = useDebouncedValue(question, 400);
  const price = usePrice(dataset.id, priced);
  const ask = useAsk(dataset.id);
  if (dataset.state !== 'sealed')
    return (
      <Panel title={t('privacy.ask')}>
        <NothingHere icon="privacy" title={t('privacy.notSealed')} />
      </Panel>
    );
  const current = JSON.stringify(priced) === asked && !price.isPlaceholderData;
  const payable = current && price.data !== undefined && !price.isError;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (payable) ask.mutate(question);
  };
  return (
    <Panel title={t('privacy.ask')} hint={t('privacy.askHint')}>
      <Stack gap="md">
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            <Textarea
              label={t('privacy.sql')}
              value={sql}
              onChange={(event) => setSql(event.currentTarget.value)}
              autosize
              minRows={3}
              maxRows={12}
              spellCheck={false}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
            />
            <Group align="flex-end" gap="md">
              <TextInput
                label={t(isRho ? 'privacy.rho' : 'privacy.epsilon')}
                description={t(isRho ? 'privacy.rhoHint' : 'privacy.epsilonHint')}
                value={amount}
                onChange={(event) => setAmount(event.currentTarget.value)}
                inputMode="decimal"
                w={260}
              />
              {takesDelta(dataset) && (
                <TextInput
                  label={t('privacy.delta')}
                  description={t('privacy.deltaHint')}
                  placeholder="1e-9"
                  value={delta}
                  onChange={(event) => setDelta(event.currentTarget.value)}
                  w={340}
                />
              )}
            </Group>
            {price.error !== null && current ? (
              <RefusalNotice error={price.error} />
            ) : (
              <PriceNote price={price.data} fresh={current} />
            )}
            <Group>
              <Button
                type="submit"
                leftSection={<Icon name="privacy" />}
                disabled={!payable}
                loading={ask.isPending}
              >
                {price.data?.free === true
                  ? t('privacy.askFree')
                  : t('privacy.askFor', { loss: lossText(price.data ?? loss) })}
              </Button>
            </Group>
          </Stack>
        </form>
        {ask.error !== null && <RefusalNotice error={ask.error} />}
        {ask.data !== undefined && <AnswerView answer={ask.data} />}
      </Stack>
    </Panel>
  );
}
