import { Button, Progress, Table, Text } from '@mantine/core';
import type { Dataset, DatasetTask } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useCancelTask } from './task-queries.js';

const tones: Readonly<Record<DatasetTask['state'], Tone>> = {
  waiting: 'wait',
  queued: 'wait',
  running: 'wait',
  done: 'good',
  refused: 'bad',
  failed: 'bad',
  cancelled: 'idle',
};

/** Who had what done with the table, how far it is, and how it ended. */
export function TasksPanel({
  dataset,
  tasks,
}: {
  readonly dataset: Dataset;
  readonly tasks: readonly DatasetTask[];
}) {
  const { t } = useTranslation();
  const cancel = useCancelTask(dataset.id);
  return (
    <Panel title={t('protection.tasks')} hint={t('protection.tasksHint')}>
      {cancel.error !== null && <RefusalNotice error={cancel.error} />}
      {tasks.length === 0 ? (
        <NothingHere icon="audit" title={t('protection.noTasks')} />
      ) : (
        <Table.ScrollContainer minWidth={680} type="native">
          <Table verticalSpacing="xs" aria-label={t('protection.tasks')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('privacy.when')}</Table.Th>
                <Table.Th>{t('protection.work')}</Table.Th>
                <Table.Th>{t('protection.askedBy')}</Table.Th>
                <Table.Th>{t('models.state')}</Table.Th>
                <Table.Th>{t('protection.actions')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tasks.map((task) => (
                <TaskLine
                  key={task.id}
                  task={task}
                  project={dataset.project}
                  onCancel={() => cancel.mutate(task.id)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}

function TaskLine({
  task,
  project,
  onCancel,
}: {
  readonly task: DatasetTask;
  readonly project: string;
  readonly onCancel: () => void;
}) {
  const { t } = useTranslation();
  const { may } = useSession();
  const { state, progress, failure } = task;
  const isOpen = state === 'waiting' || state === 'queued' || state === 'running';
  return (
    <Table.Tr>
      <Table.Td c="dimmed">
        <Moment at={task.createdAt} />
      </Table.Td>
      <Table.Td>{t(`protection.work_kinds.${task.kind}`)}</Table.Td>
      <Table.Td>{task.requestedBy}</Table.Td>
      <Table.Td>
        <Pill tone={tones[state]}>{t(`protection.states.${state}`)}</Pill>
        {state === 'running' && <Progress value={progress} mt={6} aria-label={t('protection.progress')} />}
        {failure !== undefined && (
          <Text fz="xs" c="dimmed" mt={4}>
            {failure.detail}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">
        {isOpen && may('request:DatasetTask', project) && (
          <Button size="xs" variant="default" onClick={onCancel}>
            {t('protection.cancel')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
