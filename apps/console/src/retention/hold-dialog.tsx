import { Button, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { CreateLegalHold } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useSetHold } from './retention-queries.js';

interface DialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

const empty = { reason: '', project: '', actor: '', resource: '', from: '', to: '' };

/** Sets a hold. What is left empty is no condition. */
export function HoldDialog({ opened, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('holds.set')}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <HoldForm onClose={onClose} />
    </Modal>
  );
}

function HoldForm({ onClose }: Pick<DialogProps, 'onClose'>) {
  const { t } = useTranslation();
  const set = useSetHold();
  const form = useForm({
    initialValues: empty,
    validate: { reason: (reason) => (reason.trim().length < 3 ? t('holds.reasonRule') : null) },
  });
  const submit = form.onSubmit((values) => {
    const given = Object.entries(values).filter(([, value]) => value.trim() !== '');
    const hold = given.map(([name, value]) => [
      name,
      name === 'from' || name === 'to' ? dayOf(value) : value,
    ]);
    set.mutate(CreateLegalHold.parse(Object.fromEntries(hold)), { onSuccess: onClose });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {set.error !== null && <RefusalNotice error={set.error} />}
        <Textarea label={t('holds.reason')} data-autofocus {...form.getInputProps('reason')} />
        <TextInput label={t('holds.conditions.project')} {...form.getInputProps('project')} />
        <TextInput
          label={t('holds.conditions.actor')}
          description={t('holds.idHint')}
          {...form.getInputProps('actor')}
        />
        <TextInput
          label={t('holds.conditions.resource')}
          description={t('holds.idHint')}
          {...form.getInputProps('resource')}
        />
        <TextInput type="date" label={t('holds.conditions.from')} {...form.getInputProps('from')} />
        <TextInput
          type="date"
          label={t('holds.conditions.to')}
          description={t('holds.toHint')}
          {...form.getInputProps('to')}
        />
        <Button type="submit" loading={set.isPending}>
          {t('holds.set')}
        </Button>
      </Stack>
    </form>
  );
}

/** The beginning of a day, in UTC as the log has it. */
function dayOf(day: string): string {
  return `${day}T00:00:00.000Z`;
}
