import { Button, Group, Modal, Progress, Stack, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ExpiryRun } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Moment } from '../ui/moment.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useRunExpiry, useRuns } from './retention-queries.js';

const tones: Readonly<Record<ExpiryRun['state'], Tone>> = {
  queued: 'wait',
  running: 'busy',
  done: 'good',
  failed: 'bad',
};

/** What expired, and what does now. */
export function RunsPanel() {
  const { t } = useTranslation();
  const { may } = useSession();
  const runs = useRuns();
  return (
    <Panel
      title={t('retention.runs')}
      hint={t('retention.runsHint')}
      aside={may('change:RetentionPolicy') && <RunNow />}
    >
      <Answer to={runs}>
        {(all) =>
          all.length === 0 ? (
            <Text fz="sm" c="dimmed">
              {t('retention.noRuns')}
            </Text>
          ) : (
            <Runs runs={all} />
          )
        }
      </Answer>
    </Panel>
  );
}

function RunNow() {
  const { t } = useTranslation();
  const run = useRunExpiry();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" onClick={open}>
        {t('retention.runNow')}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('retention.runNow')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <Stack>
          {run.error !== null && <RefusalNotice error={run.error} />}
          <Text>{t('retention.runNowText')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t('ui.cancel')}
            </Button>
            <Button
              color="red"
              loading={run.isPending}
              onClick={() => run.mutate(undefined, { onSuccess: close })}
            >
              {t('retention.letExpire')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

function Runs({ runs }: { readonly runs: readonly ExpiryRun[] }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table aria-label={t('retention.runs')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('retention.begun')}</Table.Th>
            <Table.Th>{t('retention.state')}</Table.Th>
            <Table.Th ta="right">{t('retention.expired')}</Table.Th>
            <Table.Th ta="right">{t('retention.held')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.slice(0, 8).map((run) => (
            <Table.Tr key={run.id}>
              <Table.Td>
                {run.requestedBy} <Moment at={run.createdAt} />
              </Table.Td>
              <Table.Td miw={160}>
                <Pill tone={tones[run.state]}>{t(`retention.states.${run.state}`)}</Pill>
                {run.state === 'running' && (
                  <Progress
                    mt={6}
                    value={(Number(run.scanned) / Number(run.treeSize)) * 100}
                    aria-label={t('retention.progress')}
                  />
                )}
                {run.failure !== undefined && <Text fz="sm">{run.failure}</Text>}
              </Table.Td>
              <Table.Td ta="right">{run.expired}</Table.Td>
              <Table.Td ta="right">{run.held}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
