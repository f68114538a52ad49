import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Name } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useCreateModel, useProjects } from './model-queries.js';

export function CreateModelDialog({
  opened,
  onClose,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('models.new')}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <ModelForm onDone={onClose} />
    </Modal>
  );
}

function ModelForm({ onDone }: { readonly onDone: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreateModel();
  const projects = useProjects();
  const form = useForm({
    initialValues: { name: '', project: 'default', description: '' },
    validate: { name: (name) => (Name.safeParse(name).success ? null : t('models.nameRule')) },
  });
  const submit = form.onSubmit((model) =>
    create.mutate(model, {
      onSuccess: ({ name }) => {
        onDone();
        void navigate(`/models/${name}`);
      },
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {create.error !== null && <RefusalNotice error={create.error} />}
        <TextInput
          label={t('models.name')}
          description={t('models.nameRule')}
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        {projects.data === undefined ? (
          <TextInput label={t('models.project')} required {...form.getInputProps('project')} />
        ) : (
          <Select
            label={t('models.project')}
            data={projects.data.map(({ name }) => name)}
            allowDeselect={false}
            required
            {...form.getInputProps('project')}
          />
        )}
        <Textarea
          label={t('models.description')}
          autosize
          minRows={2}
          maxLength={2000}
          {...form.getInputProps('description')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('models.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
