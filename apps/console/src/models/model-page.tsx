import { Anchor, Stack, Table, Text } from '@mantine/core';
import type { Model, Version } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useServing } from '../deployments/deployment-queries.js';
import { PublishPanel } from '../publish/publish-panel.js';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { useModel, useVersions } from './model-queries.js';
import { StateOf } from './state-of.js';

export function ModelPage() {
  const { t } = useTranslation();
  const { model: name = '' } = useParams();
  const model = useModel(name);
  return (
    <Page
      title={name}
      trail={[{ to: '/models', label: t('models.title') }]}
      subtitle={model.data && <About model={model.data} />}
    >
      <Answer to={model}>{(found) => <ModelParts model={found} />}</Answer>
    </Page>
  );
}

function About({ model: { project, description } }: { readonly model: Model }) {
  const { t } = useTranslation();
  return (
    <>
      {t('models.inProject', { project })}
      {description !== '' && ` · ${description}`}
    </>
  );
}

function ModelParts({ model }: { readonly model: Model }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const versions = useVersions(model.name);
  return (
    <Stack gap="lg">
      {may('publish:Version', model.project) && <PublishPanel model={model.name} />}
      <Panel title={t('models.versions')} hint={t('models.versionsHint')}>
        <Answer to={versions}>{(all) => <VersionTable versions={all} />}</Answer>
      </Panel>
    </Stack>
  );
}

function VersionTable({ versions }: { readonly versions: readonly Version[] }) {
  const { t } = useTranslation();
  const serving = useServing();
  if (versions.length === 0)
    return (
      <NothingHere icon="upload" title={t('models.noVersions')}>
        {t('models.noVersionsHint')}
      </NothingHere>
    );
  return (
    <Table.ScrollContainer minWidth={720} type="native">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('models.version')}</Table.Th>
            <Table.Th>{t('models.state')}</Table.Th>
            <Table.Th>{t('models.format')}</Table.Th>
            <Table.Th>{t('models.digest')}</Table.Th>
            <Table.Th>{t('models.author')}</Table.Th>
            <Table.Th>{t('models.created')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map(({ id, model, number, stage, format, digest, author, createdAt }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <Anchor component={Link} to={`/models/${model}/versions/${number}`} fw={600}>
                  {`${model}@${number}`}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <StateOf stage={stage} serving={serving(model, number)} />
              </Table.Td>
              <Table.Td>{format ?? '–'}</Table.Td>
              <Table.Td>
                {digest === undefined ? (
                  <Text fz="sm" c="dimmed">
                    {t('models.notFixed')}
                  </Text>
                ) : (
                  <Digest value={digest} label={t('models.digest')} />
                )}
              </Table.Td>
              <Table.Td>{author}</Table.Td>
              <Table.Td c="dimmed">
                <Moment at={createdAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
