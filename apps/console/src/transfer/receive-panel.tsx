import { Alert, Button, FileInput, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Digest } from '../ui/digest.js';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useImportKeys, useMakeRecipient } from './transfer-queries.js';

/** Where keys shall arrive: a certificate that they can be sealed to, and the package when it comes. */
export function ReceivePanel() {
  const { t } = useTranslation();
  const make = useMakeRecipient();
  return (
    <Panel title={t('transfer.receive')}>
      <Stack>
        <Text fz="sm">{t('transfer.receiveHint')}</Text>
        <Group>
          <Button
            variant="default"
            leftSection={<Icon name="download" />}
            loading={make.isPending}
            onClick={() => make.mutate()}
          >
            {t('transfer.make')}
          </Button>
          {make.data !== undefined && <Digest value={make.data.sha256} label={t('transfer.digest')} whole />}
        </Group>
        {make.error !== null && <RefusalNotice error={make.error} />}
        <ImportForm />
      </Stack>
    </Panel>
  );
}

function ImportForm() {
  const { t } = useTranslation();
  const [file, setFile] = useState<File | null>(null);
  const [sender, setSender] = useState('');
  const take = useImportKeys();
  const wanted = sender.replaceAll(/\s/g, '').toLowerCase();
  const ready = file !== null && /^[0-9a-f]{64}$/.test(wanted) ? { file, sender: wanted } : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready !== undefined) take.mutate(ready);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={720}>
        <FileInput
          label={t('transfer.package')}
          placeholder={t('transfer.choose')}
          value={file}
          onChange={setFile}
          accept="application/json"
          required
        />
        <TextInput
          label={t('transfer.sender')}
          description={t('transfer.senderHint')}
          value={sender}
          onChange={(event) => setSender(event.currentTarget.value)}
          required
        />
        {take.error !== null && <RefusalNotice error={take.error} />}
        {take.data !== undefined && (
          <Alert color="teal" icon={<Icon name="check" />}>
            {t('transfer.imported', { project: take.data.project, current: take.data.current })}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" disabled={ready === undefined} loading={take.isPending}>
            {t('transfer.import')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
