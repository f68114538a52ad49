import { Button, Group, Stack, Table, Text } from '@mantine/core';
import type { ForwardingTarget } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Fact, Facts } from '../ui/facts.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { Pill } from '../ui/pill.js';
import { useChangeTarget, useDeliveries, useTargets } from './compliance-queries.js';
import { TargetDialog } from './target-dialog.js';

export function TargetsPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  const targets = useTargets();
  const [adding, setAdding] = useState(false);
  const mayChange = may('create:ForwardingTarget');
  return (
    <Page
      title={t('targets.title')}
      subtitle={t('targets.subtitle')}
      trail={[{ to: '/audit', label: t('audit.title') }]}
      actions={
        mayChange && (
          <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            {t('targets.add')}
          </Button>
        )
      }
    >
      <TargetDialog opened={adding} onClose={() => setAdding(false)} />
      <Answer to={targets}>
        {(all) =>
          all.length === 0 ? (
            <NothingHere icon="upload" title={t('targets.none')}>
              {t('targets.noneHint')}
            </NothingHere>
          ) : (
            <Stack gap="lg">
              {all.map((target) => (
                <TargetPanel key={target.id} target={target} mayChange={mayChange} />
              ))}
            </Stack>
          )
        }
      </Answer>
    </Page>
  );
}

function TargetPanel({
  target,
  mayChange,
}: {
  readonly target: ForwardingTarget;
  readonly mayChange: boolean;
}) {
  const { t } = useTranslation();
  const { name, address, state, behind, cursor, lastError, format, kind } = target;
  const tone = state === 'paused' ? 'idle' : lastError === undefined ? 'good' : 'bad';
  const word = state === 'running' && lastError !== undefined ? 'failing' : state;
  return (
    <Panel title={name} hint={address} aside={mayChange && <TargetActions target={target} />}>
      <Stack gap="md">
        <Facts>
          <Fact name={t('targets.state')}>
            <Pill tone={tone}>{t(`targets.states.${word}`)}</Pill>
          </Fact>
          <Fact
            name={t('targets.kind')}
          >{`${t(`targets.kinds.${kind}`)}, ${t(`exports.formats.${format}`)}`}</Fact>
          <Fact name={t('targets.behind')}>{t('targets.behindCount', { behind, cursor })}</Fact>
          {lastError !== undefined && <Fact name={t('targets.lastError')}>{lastError}</Fact>}
        </Facts>
        <Deliveries id={target.id} />
      </Stack>
    </Panel>
  );
}

function TargetActions({ target: { id, state } }: { readonly target: ForwardingTarget }) {
  const { t } = useTranslation();
  const change = useChangeTarget();
  const toggle = state === 'running' ? 'pause' : 'resume';
  return (
    <Group gap="xs" wrap="nowrap">
      <Button size="compact-sm" variant="default" onClick={() => change.mutate({ id, change: toggle })}>
        {t(`targets.${toggle}`)}
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => change.mutate({ id, change: 'remove' })}>
        {t('targets.remove')}
      </Button>
    </Group>
  );
}

function Deliveries({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const deliveries = useDeliveries(id);
  if (deliveries.data === undefined || deliveries.data.length === 0)
    return (
      <Text fz="sm" c="dimmed">
        {t('targets.noDeliveries')}
      </Text>
    );
  return (
    <Table.ScrollContainer minWidth={600} type="native">
      <Table aria-label={t('targets.deliveries')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('targets.at')}</Table.Th>
            <Table.Th>{t('targets.leaves')}</Table.Th>
            <Table.Th ta="right">{t('targets.events')}</Table.Th>
            <Table.Th>{t('targets.result')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deliveries.data.slice(0, 8).map(({ begin, end, events, ok, detail, durationMs, at }) => (
            <Table.Tr key={`${at}-${begin}`}>
              <Table.Td>
                <Moment at={at} />
              </Table.Td>
              <Table.Td>{`${begin}–${end}`}</Table.Td>
              <Table.Td ta="right">{events}</Table.Td>
              <Table.Td>
                <Pill tone={ok ? 'good' : 'bad'}>{t(ok ? 'targets.taken' : 'targets.notTaken')}</Pill>{' '}
                <Text span fz="sm" c="dimmed">
                  {`${detail} · ${durationMs} ms`}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
