import { Anchor, Alert, Code, Grid, Text } from '@mantine/core';
import type { Deployment } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { NeedsRole } from '../session/needs-role.js';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { Fact, Facts } from '../ui/facts.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { useDeployment } from './deployment-queries.js';
import { PhasePill } from './phase-pill.js';
import { PredictionPanel } from './predict/prediction-panel.js';
import { StopButton } from './stop-button.js';
import { shapeText } from './tensor-shape.js';

export function DeploymentPage() {
  const { t } = useTranslation();
  const { name = '' } = useParams();
  const { may } = useSession();
  const deployment = useDeployment(name);
  const { data } = deployment;
  return (
    <Page
      title={name}
      trail={[{ to: '/deployments', label: t('deployments.title') }]}
      state={data && <PhasePill phase={data.phase} />}
      actions={
        data?.desired === 'running' && may('stop:Deployment', data.project) && <StopButton name={data.name} />
      }
    >
      <Answer to={deployment}>{(found) => <DeploymentParts deployment={found} />}</Answer>
    </Page>
  );
}

function DeploymentParts({ deployment }: { readonly deployment: Deployment }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const { project, phase, signature } = deployment;
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <WhyNot deployment={deployment} />
        {may('predict:Deployment', project) ? (
          phase === 'ready' && <PredictionPanel name={deployment.name} signature={signature} />
        ) : (
          <Panel title={t('predict.title')}>
            <NeedsRole permission="predict:Deployment" action={t('predict.action')} />
          </Panel>
        )}
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <AboutDeployment deployment={deployment} />
      </Grid.Col>
    </Grid>
  );
}

/** Why it does not answer, in the broker's or the worker's own words. */
function WhyNot({
  deployment: { phase, reason, message, model, number },
}: {
  readonly deployment: Deployment;
}) {
  const { t } = useTranslation();
  if (phase === 'ready') return null;
  const bad = phase === 'refused' || phase === 'failed';
  return (
    <Alert
      variant="default"
      mb="lg"
      icon={<Icon name={bad ? 'warning' : 'clock'} />}
      styles={{ icon: { color: bad ? 'var(--mantine-color-error)' : 'var(--castellan-busy)' } }}
      title={t(`deployments.phaseHints.${phase}`)}
    >
      {message !== undefined && <Text fz="sm">{message}</Text>}
      {reason !== undefined && (
        <Text fz="xs" c="dimmed" ff="monospace" mt={4}>
          {reason}
        </Text>
      )}
      {phase === 'refused' && (
        <Anchor
          component={Link}
          to={`/models/${model}/versions/${number}`}
          fz="sm"
          mt={6}
          display="inline-block"
        >
          {t('deployments.toReview', { ref: `${model}@${number}` })}
        </Anchor>
      )}
    </Alert>
  );
}

function AboutDeployment({ deployment }: { readonly deployment: Deployment }) {
  const { t } = useTranslation();
  const { model, number, versionDigest, project, createdAt, updatedAt, signature } = deployment;
  return (
    <Panel title={t('deployments.about')}>
      <Facts>
        <Fact name={t('deployments.version')}>
          <Anchor component={Link} to={`/models/${model}/versions/${number}`} inherit ff="monospace">
            {`${model}@${number}`}
          </Anchor>
        </Fact>
        {versionDigest !== undefined && (
          <Fact name={t('versions.digest')}>
            <Digest value={versionDigest} label={t('versions.digest')} />
          </Fact>
        )}
        <Fact name={t('models.project')}>{project}</Fact>
        {signature?.inputs.map(({ name, datatype, shape }) => (
          <Fact key={name} name={t('deployments.input')}>
            <Code>{`${name}: ${datatype} ${shapeText(shape)}`}</Code>
          </Fact>
        ))}
        {signature?.outputs.map(({ name, datatype, shape }) => (
          <Fact key={name} name={t('deployments.output')}>
            <Code>{`${name}: ${datatype} ${shapeText(shape)}`}</Code>
          </Fact>
        ))}
        <Fact name={t('models.created')}>
          <Moment at={createdAt} />
        </Fact>
        <Fact name={t('deployments.seen')}>
          <Moment at={updatedAt} />
        </Fact>
      </Facts>
    </Panel>
  );
}
