import { Anchor, Button, Group, Paper, Select, Table, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type Model, stages } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useServing } from '../deployments/deployment-queries.js';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { CreateModelDialog } from './create-model-dialog.js';
import { useModels } from './model-queries.js';
import { SpacePanel } from './space-panel.js';
import { StateOf } from './state-of.js';

export function ModelsPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  const [opened, { open, close }] = useDisclosure();
  const models = useModels();
  return (
    <Page
      title={t('models.title')}
      subtitle={t('models.subtitle')}
      actions={
        may('create:Model') && (
          <Button leftSection={<Icon name="plus" />} onClick={open}>
            {t('models.new')}
          </Button>
        )
      }
    >
      <CreateModelDialog opened={opened} onClose={close} />
      <Paper p="lg">
        <Answer to={models}>{(all) => <ModelTable models={all} />}</Answer>
      </Paper>
      <SpacePanel />
    </Page>
  );
}

function ModelTable({ models }: { readonly models: readonly Model[] }) {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const serving = useServing();
  const text = params.get('q') ?? '';
  const state = params.get('state');
  const set = (name: string, value: string | null) =>
    setParams(
      (current) => {
        if (value === null || value === '') current.delete(name);
        else current.set(name, value);
        return current;
      },
      { replace: true },
    );
  if (models.length === 0)
    return (
      <NothingHere icon="box" title={t('models.none')}>
        {t('models.noneHint')}
      </NothingHere>
    );
  const shown = models.filter((model) => matches(model, text, state));
  return (
    <>
      <Group mb="sm" gap="sm">
        <TextInput
          aria-label={t('models.search')}
          placeholder={t('models.search')}
          leftSection={<Icon name="search" size={16} />}
          value={text}
          onChange={(event) => set('q', event.currentTarget.value)}
          w={{ base: '100%', xs: 280 }}
          type="search"
        />
        <Select
          aria-label={t('models.stateFilter')}
          placeholder={t('models.anyState')}
          data={stages.map((stage) => ({ value: stage, label: t(`models.stages.${stage}`) }))}
          value={state}
          onChange={(value) => set('state', value)}
          clearable
          w={{ base: '100%', xs: 200 }}
        />
        {shown.length < models.length && (
          <Text fz="sm" c="dimmed">
            {t('ui.hiddenByFilter', { count: models.length - shown.length })}
          </Text>
        )}
      </Group>
      <Table.ScrollContainer minWidth={640} type="native">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('models.model')}</Table.Th>
              <Table.Th>{t('models.project')}</Table.Th>
              <Table.Th>{t('models.latest')}</Table.Th>
              <Table.Th>{t('models.state')}</Table.Th>
              <Table.Th>{t('models.created')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((model) => (
              <ModelRow key={model.id} model={model} servingAs={serving(model.name, model.latestVersion)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

function ModelRow({ model, servingAs }: { readonly model: Model; readonly servingAs: readonly string[] }) {
  const { t } = useTranslation();
  const { name, project, description, latestVersion, latestStage, createdAt } = model;
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/models/${name}`} fw={600}>
          {name}
        </Anchor>
        {description !== '' && (
          <Text fz="sm" c="dimmed" maw={420} lineClamp={1}>
            {description}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{project}</Table.Td>
      <Table.Td>
        {latestVersion === undefined ? (
          <Text fz="sm" c="dimmed">
            {t('models.noVersion')}
          </Text>
        ) : (
          <Anchor component={Link} to={`/models/${name}/versions/${latestVersion}`} ff="monospace" fz="sm">
            {`${name}@${latestVersion}`}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td>{latestStage !== undefined && <StateOf stage={latestStage} serving={servingAs} />}</Table.Td>
      <Table.Td c="dimmed">
        <Moment at={createdAt} />
      </Table.Td>
    </Table.Tr>
  );
}

function matches(
  { name, description, project, latestStage }: Model,
  text: string,
  state: string | null,
): boolean {
  const haystack = `${name} ${project} ${description}`.toLowerCase();
  return haystack.includes(text.toLowerCase()) && (state === null || latestStage === state);
}
