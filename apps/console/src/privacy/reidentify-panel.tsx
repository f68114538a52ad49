import { Button, Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { MaskingRequest, Reidentification, type Dataset, type DatasetTask } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useRequestTask } from './task-queries.js';

/** Ask what a few tokens or encrypted values of a masked copy were: two other people sign, to the letter. */
export function ReidentifyPanel({
  dataset,
  copies,
}: {
  readonly dataset: Dataset;
  readonly copies: readonly DatasetTask[];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const request = useRequestTask(dataset.id);
  const [copy, setCopy] = useState(copies[0]?.digest ?? '');
  const [column, setColumn] = useState<string | null>(null);
  const [values, setValues] = useState('');
  const [purpose, setPurpose] = useState('');
  const columns = reversibleColumns(copies.find(({ digest }) => digest === copy));
  const wanted = Reidentification.safeParse({
    kind: 'reidentify',
    purpose: purpose.trim(),
    copy,
    column,
    values: values.split(/\s+/).filter((value) => value !== ''),
  });
  return (
    <Panel title={t('protection.reidentify')} hint={t('protection.reidentifyHint')}>
      <Stack gap="md">
        <Group grow align="flex-start">
          <Select
            label={t('protection.copy')}
            data={copies.map(({ digest, createdAt, requestedBy }) => ({
              value: digest,
              label: `${format.moment(createdAt)} · ${requestedBy}`,
            }))}
            value={copy}
            onChange={(value) => setCopy(value ?? '')}
            allowDeselect={false}
          />
          <Select label={t('protection.column')} data={columns} value={column} onChange={setColumn} />
        </Group>
        <Textarea
          label={t('protection.values')}
          description={t('protection.valuesHint')}
          value={values}
          onChange={(event) => setValues(event.currentTarget.value)}
          autosize
          minRows={2}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
        />
        <TextInput
          label={t('protection.why')}
          value={purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        {request.error !== null && <RefusalNotice error={request.error} />}
        <Group>
          <Button
            leftSection={<Icon name="seal" />}
            disabled={!wanted.success}
            loading={request.isPending}
            onClick={() => wanted.success && request.mutate(wanted.data)}
          >
            {t('governance.askRaise')}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

/** Those that the dataset's key leads back from. */
function reversibleColumns(copy: DatasetTask | undefined): string[] {
  const request = MaskingRequest.safeParse(copy && JSON.parse(copy.request));
  const columns = request.success ? request.data.columns : [];
  return columns
    .filter(({ mask }) => mask.operator === 'token' || mask.operator === 'encrypt')
    .map(({ name }) => name);
}
