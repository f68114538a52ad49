import { Alert, Button, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Name } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { ExactText } from '../ui/exact-text.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useCreateTarget } from './compliance-queries.js';

interface DialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Enters a target; the secret of a webhook is shown here and never again. */
export function TargetDialog({ opened, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('targets.add')}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <TargetForm onClose={onClose} />
    </Modal>
  );
}

const formats = ['jsonl', 'ocsf', 'cef'] as const;

function TargetForm({ onClose }: Pick<DialogProps, 'onClose'>) {
  const { t } = useTranslation();
  const create = useCreateTarget();
  const form = useForm({
    initialValues: {
      name: '',
      address: '',
      format: 'jsonl' as (typeof formats)[number],
      from: 'end' as 'end' | 'beginning',
      caPem: '',
    },
    validate: {
      name: (name) => (Name.safeParse(name).success ? null : t('models.nameRule')),
      address: (address) => (/^(https|syslog\+tls):\/\/./.test(address) ? null : t('targets.addressRule')),
    },
  });
  const submit = form.onSubmit(({ caPem, address, ...values }) =>
    create.mutate({
      ...values,
      address,
      kind: address.startsWith('https:') ? 'webhook' : 'syslog',
      ...(caPem.trim() === '' ? {} : { caPem }),
    }),
  );
  if (create.data !== undefined)
    return (
      <Stack>
        <Alert variant="default" role="status" title={t('targets.created')}>
          {t(create.data.secret === undefined ? 'targets.createdText' : 'targets.secretText')}
        </Alert>
        {create.data.secret !== undefined && (
          <ExactText text={create.data.secret} label={t('targets.secret')} />
        )}
        <Button onClick={onClose}>{t('ui.close')}</Button>
      </Stack>
    );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {create.error !== null && <RefusalNotice error={create.error} />}
        <TextInput label={t('targets.name')} {...form.getInputProps('name')} />
        <TextInput
          label={t('targets.address')}
          description={t('targets.addressRule')}
          {...form.getInputProps('address')}
        />
        <Select
          label={t('exports.format')}
          allowDeselect={false}
          data={formats.map((value) => ({ value, label: t(`exports.formats.${value}`) }))}
          {...form.getInputProps('format')}
        />
        <Select
          label={t('targets.from')}
          allowDeselect={false}
          data={(['end', 'beginning'] as const).map((value) => ({
            value,
            label: t(`targets.froms.${value}`),
          }))}
          {...form.getInputProps('from')}
        />
        <Textarea label={t('targets.ca')} autosize minRows={2} maxRows={6} {...form.getInputProps('caPem')} />
        <Button type="submit" loading={create.isPending}>
          {t('targets.add')}
        </Button>
      </Stack>
    </form>
  );
}
