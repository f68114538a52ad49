import { Anchor, Button, Paper, Table, Text } from '@mantine/core';
import type { Deployment } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { DeployDialog } from './deploy-dialog.js';
import { useDeployments } from './deployment-queries.js';
import { PhasePill } from './phase-pill.js';

/** `?deploy=` opens the dialog; with `model@number` it is filled in. */
export function DeploymentsPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  const deployments = useDeployments();
  const [params, setParams] = useSearchParams();
  const deploy = params.get('deploy');
  const mayDeploy = may('create:Deployment');
  return (
    <Page
      title={t('deployments.title')}
      subtitle={t('deployments.subtitle')}
      actions={
        mayDeploy && (
          <Button leftSection={<Icon name="serve" />} onClick={() => setParams({ deploy: '' })}>
            {t('deployments.deploy')}
          </Button>
        )
      }
    >
      <DeployDialog
        version={deploy ?? ''}
        opened={mayDeploy && deploy !== null}
        onClose={() => setParams({}, { replace: true })}
      />
      <Paper p="lg">
        <Answer to={deployments}>{(all) => <DeploymentTable deployments={all} />}</Answer>
      </Paper>
    </Page>
  );
}

function DeploymentTable({ deployments }: { readonly deployments: readonly Deployment[] }) {
  const { t } = useTranslation();
  if (deployments.length === 0)
    return (
      <NothingHere icon="serve" title={t('deployments.none')}>
        {t('deployments.noneHint')}
      </NothingHere>
    );
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('deployments.name')}</Table.Th>
            <Table.Th>{t('deployments.phase')}</Table.Th>
            <Table.Th>{t('deployments.version')}</Table.Th>
            <Table.Th>{t('versions.digest')}</Table.Th>
            <Table.Th>{t('deployments.seen')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deployments.map(
            ({ id, name, phase, message, reason, model, number, versionDigest, updatedAt }) => (
              <Table.Tr key={id}>
                <Table.Td>
                  <Anchor component={Link} to={`/deployments/${name}`} fw={600}>
                    {name}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  <PhasePill phase={phase} />
                  {(message ?? reason) !== undefined && (
                    <Text fz="sm" c="dimmed" mt={4} maw={380}>
                      {message ?? reason}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  <Anchor component={Link} to={`/models/${model}/versions/${number}`} ff="monospace" fz="sm">
                    {`${model}@${number}`}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  {versionDigest !== undefined && (
                    <Digest value={versionDigest} label={t('versions.digest')} />
                  )}
                </Table.Td>
                <Table.Td c="dimmed">
                  <Moment at={updatedAt} />
                </Table.Td>
              </Table.Tr>
            ),
          )}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
