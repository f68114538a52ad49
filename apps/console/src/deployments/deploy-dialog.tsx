import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Name } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useModels, useVersions } from '../models/model-queries.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useDeploy } from './deployment-queries.js';

interface DeployProps {
  /** `model@number`, or empty. */
  readonly version: string;
  readonly onClose: () => void;
}

/** Serves a version under a name. Whether it may be served is for the signatures to say, and shows on the next page. */
export function DeployDialog({ opened, ...props }: DeployProps & { readonly opened: boolean }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={props.onClose}
      title={t('deployments.deploy')}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <DeployForm {...props} />
    </Modal>
  );
}

function DeployForm({ version, onClose }: DeployProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const deploy = useDeploy();
  const models = useModels();
  const [givenModel = '', givenNumber = ''] = version.split('@');
  const form = useForm({
    initialValues: { name: givenModel, model: givenModel, number: givenNumber },
    validate: {
      name: (name) => (Name.safeParse(name).success ? null : t('models.nameRule')),
      model: (model) => (model === '' ? t('ui.required') : null),
      number: (number) => (number === '' ? t('ui.required') : null),
    },
  });
  const versions = useVersions(form.values.model === '' ? undefined : form.values.model);
  const submit = form.onSubmit(({ name, model, number }) =>
    deploy.mutate(
      { name, version: `${model}@${number}` },
      { onSuccess: () => void navigate(`/deployments/${name}`) },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {deploy.error !== null && <RefusalNotice error={deploy.error} />}
        <Group grow align="flex-start">
          <Select
            label={t('models.model')}
            data={(models.data ?? []).map(({ name }) => name)}
            searchable
            allowDeselect={false}
            required
            {...form.getInputProps('model')}
            onChange={(model) =>
              form.setValues({ model: model ?? '', number: '', name: form.values.name || (model ?? '') })
            }
          />
          <Select
            label={t('models.version')}
            data={(versions.data ?? [])
              .filter(({ digest }) => digest !== undefined)
              .map(({ number, stage }) => ({
                value: String(number),
                label: `${number} · ${t(`models.stages.${stage}`)}`,
              }))}
            allowDeselect={false}
            required
            {...form.getInputProps('number')}
          />
        </Group>
        <TextInput
          label={t('deployments.as')}
          description={t('deployments.asHint')}
          required
          {...form.getInputProps('name')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={deploy.isPending}>
            {t('deployments.deploy')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
