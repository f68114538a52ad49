import { Stack, Table, Text } from '@mantine/core';
import type { ProjectKeys, ProjectKeyVersion } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Moment } from '../ui/moment.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';
import { useProjectKeys } from './project-key-queries.js';
import { RetireButton } from './retire-button.js';
import { RotateButton } from './rotate-button.js';
import { RotationProgress } from './rotation-progress.js';

/** One project's key: its versions, newest first, and what may be done about them. */
export function ProjectKeysPanel({ project }: { readonly project: string }) {
  const { may } = useSession();
  const keys = useProjectKeys(project);
  const current = keys.data?.versions[0];
  const isIdle = keys.data?.rotation?.state !== 'running';
  return (
    <Panel
      title={project}
      aside={
        may('start:KeyRotation') &&
        current !== undefined &&
        isIdle && <RotateButton project={project} current={current.version} />
      }
    >
      <Answer to={keys}>{(answer) => <Versions keys={answer} />}</Answer>
    </Panel>
  );
}

function Versions({ keys: { project, versions, rotation } }: { readonly keys: ProjectKeys }) {
  const { t } = useTranslation();
  if (versions.length === 0) return <Text c="dimmed">{t('keys.none')}</Text>;
  return (
    <Stack gap="md">
      {rotation !== undefined && (
        <RotationProgress project={project} rotation={rotation} versions={versions} />
      )}
      <Table.ScrollContainer minWidth={520} type="native">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('keys.version')}</Table.Th>
              <Table.Th>{t('models.state')}</Table.Th>
              <Table.Th ta="right">{t('keys.dataKeys')}</Table.Th>
              <Table.Th>{t('models.created')}</Table.Th>
              <Table.Th>{t('ui.actions')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {versions.map((version) => (
              <VersionRow key={version.version} project={project} version={version} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

const tones = { current: 'good', previous: 'wait', retired: 'idle' } as const satisfies Record<string, Tone>;

function VersionRow({
  project,
  version: { version, state, dataKeys, createdAt },
}: {
  readonly project: string;
  readonly version: ProjectKeyVersion;
}) {
  const { t } = useTranslation();
  const { may } = useSession();
  const format = useFormat();
  const isRetirable = state === 'previous' && dataKeys === 0;
  return (
    <Table.Tr>
      <Table.Td fw={600}>{version}</Table.Td>
      <Table.Td>
        <Pill tone={tones[state]}>{t(`keys.states.${state}`)}</Pill>
      </Table.Td>
      <Table.Td ta="right">{format.number(dataKeys)}</Table.Td>
      <Table.Td c="dimmed">
        <Moment at={createdAt} />
      </Table.Td>
      <Table.Td>
        {isRetirable && may('start:KeyRotation') && <RetireButton project={project} version={version} />}
      </Table.Td>
    </Table.Tr>
  );
}
