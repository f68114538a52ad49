import { Grid, Stack, Text } from '@mantine/core';
import type { Version } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useDeployments } from '../deployments/deployment-queries.js';
import { TraceButton } from '../compliance/trace-button.js';
import { useDecisions } from '../review/trust-queries.js';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { ApprovalPanel } from './approval-panel.js';
import { DecisionsPanel } from './decisions-panel.js';
import { EvidenceButton } from './evidence-button.js';
import { FilesPanel } from './files-panel.js';
import { lifeOf } from './life.js';
import { LifeTimeline } from './life-timeline.js';
import { ScanPanel } from './scan-panel.js';
import { useReview, useVersion } from './version-queries.js';
import { VersionState } from './version-state.js';

export function VersionPage() {
  const { t } = useTranslation();
  const { model = '', number = '' } = useParams();
  const ref = `${model}@${number}`;
  const version = useVersion(ref);
  const { data } = version;
  return (
    <Page
      title={ref}
      trail={[
        { to: '/models', label: t('models.title') },
        { to: `/models/${model}`, label: model },
      ]}
      state={data && <VersionState version={data} />}
      subtitle={data && <About version={data} />}
      actions={
        data?.digest !== undefined && (
          <>
            <TraceButton to={`/trace/version/${data.model}@${data.number}`} />
            <EvidenceButton version={data} />
          </>
        )
      }
    >
      <Answer to={version}>{(found) => <VersionParts version={found} />}</Answer>
    </Page>
  );
}

function About({ version }: { readonly version: Version }) {
  const { t } = useTranslation();
  const { author, project, format, digest } = version;
  return (
    <>
      {t('versions.by', { author, project })}
      {format !== undefined && ` · ${format}`}
      {digest !== undefined && (
        <Text component="div" mt={2}>
          <Digest value={digest} label={t('versions.digest')} whole />
        </Text>
      )}
    </>
  );
}

function VersionParts({ version }: { readonly version: Version }) {
  const { t } = useTranslation();
  const review = useReview(version);
  const decisions = useDecisions(version.digest);
  const deployments = useDeployments();
  const signed = decisions.data ?? { decisions: [], versionRevocations: [] };
  const steps = lifeOf(version, review.data, signed, deployments.data ?? [], new Date());
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 8 }} order={{ base: 2, md: 1 }}>
        <Stack gap="lg">
          {version.digest !== undefined && (
            <Answer to={review}>{(found) => <ApprovalPanel review={found} />}</Answer>
          )}
          {review.data !== undefined && signed.decisions.length > 0 && (
            <DecisionsPanel review={review.data} decisions={signed.decisions} />
          )}
          <FilesPanel files={version.files} />
          {version.scan !== undefined && <ScanPanel scan={version.scan} />}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }} order={{ base: 1, md: 2 }}>
        <Panel title={t('life.title')}>
          <LifeTimeline steps={steps} />
        </Panel>
      </Grid.Col>
    </Grid>
  );
}
