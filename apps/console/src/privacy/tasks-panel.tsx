import { Progress, Table, Text } from '@mantine/core';
import type { Dataset, DatasetTask } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';
import { PipelinePicture } from './pipeline-picture.js';
import { TaskActions } from './task-actions.js';

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
  return (
    <Panel title={t('protection.tasks')} hint={t('protection.tasksHint')}>
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
                <TaskLine key={task.id} task={task} dataset={dataset} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}

function TaskLine({ task, dataset }: { readonly task: DatasetTask; readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const { state, progress, failure, summary } = task;
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
        {summary?.kind === 'mask' && (
          <Text fz="xs" c="dimmed" mt={4}>
            {t('protection.attained', {
              k: summary.k,
              rows: summary.rows,
              suppressed: summary.suppressedRows,
            })}
          </Text>
        )}
        {task.kind === 'pipeline' && <PipelinePicture task={task} />}
        {failure !== undefined && (
          <Text fz="xs" c="dimmed" mt={4}>
            {failure.detail}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">
        <TaskActions task={task} dataset={dataset} />
      </Table.Td>
    </Table.Tr>
  );
}
