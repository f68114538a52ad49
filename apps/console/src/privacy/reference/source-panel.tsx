import { Button, Code, Group, Stack, Text } from '@mantine/core';
import type { Dataset, PostgresSource, S3Source } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';
import { useSession } from '../../session/session-context.js';
import { Fact, Facts } from '../../ui/facts.js';
import { Panel } from '../../ui/panel.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { LoginForm } from './login-form.js';
import { useRenewData, useReplaceLogin } from './reference-queries.js';

/** Of a table that stays in somebody's PostgreSQL or bucket: where, which data, and for its steward how to change either. */
export function SourcePanel({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { may } = useSession();
  const { source } = dataset.declaration;
  if (source === undefined) return null;
  return (
    <Panel title={t('reference.source')} hint={t(`reference.hints.${source.kind}`)}>
      <Facts>
        {source.kind === 's3' ? <ObjectFacts source={source} /> : <TableFacts source={source} />}
        <Fact name={t('reference.version')}>
          <span data-figure="data-version">{format.number(dataset.dataVersion ?? 1)}</span>
        </Fact>
      </Facts>
      {may('seal:Dataset', dataset.project) && <StewardActions dataset={dataset} />}
    </Panel>
  );
}

function TableFacts({ source }: { readonly source: PostgresSource }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { host, port, database, schema, table, tls, statementTimeoutSeconds } = source;
  return (
    <>
      <Fact name={t('reference.server')}>
        <Code>{`${host}:${String(port)}/${database}`}</Code>
      </Fact>
      <Fact name={t('reference.table')}>
        <Code>{`${schema}.${table}`}</Code>
      </Fact>
      <Fact name={t('reference.tls')}>{t(`reference.tlsModes.${tls}`)}</Fact>
      <Fact name={t('reference.timeout')}>{format.duration(statementTimeoutSeconds)}</Fact>
    </>
  );
}

function ObjectFacts({ source }: { readonly source: S3Source }) {
  const { t } = useTranslation();
  const { bucket, key, region, endpoint } = source;
  const tls = endpoint?.startsWith('http:') === true ? 'off' : 'verify';
  return (
    <>
      <Fact name={t('reference.server')}>
        <Code>{endpoint ?? `AWS, ${region}`}</Code>
      </Fact>
      <Fact name={t('reference.object')}>
        <Code>{`s3://${bucket}/${key}`}</Code>
      </Fact>
      <Fact name={t('reference.tls')}>{t(`reference.tlsModes.${tls}`)}</Fact>
    </>
  );
}

function StewardActions({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const renew = useRenewData(dataset.id);
  const replace = useReplaceLogin(dataset.id);
  const error = renew.error ?? replace.error;
  return (
    <Stack gap="sm" mt="md">
      {error !== null && <RefusalNotice error={error} />}
      {dataset.state === 'sealed' && (
        <Group>
          <Button variant="default" loading={renew.isPending} onClick={() => renew.mutate()}>
            {t('reference.renew')}
          </Button>
          <Text fz="sm" c="dimmed">
            {t('reference.renewHint')}
          </Text>
        </Group>
      )}
      <LoginForm
        kind={dataset.declaration.source?.kind ?? 'postgresql'}
        action={t('reference.replaceLogin')}
        isPending={replace.isPending}
        onLogin={(login) => replace.mutate(login)}
      />
    </Stack>
  );
}
