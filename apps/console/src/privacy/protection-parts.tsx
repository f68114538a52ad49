import type { Dataset, DatasetTask } from '@castellan/contracts';
import { Stack } from '@mantine/core';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { ClassificationPanel } from './classification-panel.js';
import { MaskPanel } from './mask-panel.js';
import { OutliersPanel } from './outliers/outliers-panel.js';
import { PipelinePanel } from './pipeline-panel.js';
import { ReidentifyPanel } from './reidentify-panel.js';
import { TasksPanel } from './tasks-panel.js';
import { useTasks } from './task-queries.js';

/** What is known of the columns, and the work that was done on the table. */
export function ProtectionParts({ dataset }: { readonly dataset: Dataset }) {
  const { may, me } = useSession();
  const tasks = useTasks(dataset.id, may('read:DatasetTask', dataset.project));
  if (!may('read:DatasetTask', dataset.project)) return <ClassificationPanel dataset={dataset} tasks={[]} />;
  return (
    <Answer to={tasks}>
      {(all) => (
        <Stack gap="lg">
          <ClassificationPanel dataset={dataset} tasks={all} />
          {dataset.steward === me.id &&
            dataset.state === 'sealed' &&
            dataset.declaration.source === undefined && <OutliersPanel dataset={dataset} tasks={all} />}
          {may('request:DatasetTask', dataset.project) && dataset.classification !== undefined && (
            <MaskPanel key={dataset.classification.confirmedAt} dataset={dataset} />
          )}
          {may('request:DatasetTask', dataset.project) && madeCopies(all).length > 0 && (
            <ReidentifyPanel dataset={dataset} copies={madeCopies(all)} />
          )}
          {may('request:DatasetTask', dataset.project) && dataset.state === 'sealed' && (
            <PipelinePanel dataset={dataset} />
          )}
          <TasksPanel dataset={dataset} tasks={all} />
        </Stack>
      )}
    </Answer>
  );
}

function madeCopies(tasks: readonly DatasetTask[]): DatasetTask[] {
  return tasks.filter(({ kind, state }) => kind === 'mask' && state === 'done');
}
