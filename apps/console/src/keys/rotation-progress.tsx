import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import type { KeyRotation, ProjectKeyVersion } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { useSession } from '../session/session-context.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useSteer } from './project-key-queries.js';

interface Props {
  readonly project: string;
  readonly rotation: KeyRotation;
  readonly versions: readonly ProjectKeyVersion[];
}

/** How the last rotation goes or went, as long as it matters: while it runs, or while something rests on older versions. */
export function RotationProgress({ project, rotation, versions }: Props) {
  const { t } = useTranslation();
  const left = versions.slice(1).reduce((sum, { dataKeys }) => sum + dataKeys, 0);
  if (rotation.state === 'running') return <Running project={project} rotation={rotation} />;
  if (left === 0) return null;
  return (
    <Alert variant="default" title={t(`keys.rotations.${rotation.state}`)}>
      <Group justify="space-between">
        <Text fz="sm">
          {t('keys.left', { count: left })} {rotation.state === 'incomplete' && t('keys.unopenedHint')}
        </Text>
        {rotation.state !== 'failed' && <SteerButton project={project} to="resume" />}
      </Group>
    </Alert>
  );
}

function Running({ project, rotation }: Omit<Props, 'versions'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { totalKeys, remainingKeys } = rotation;
  const moved = (totalKeys ?? 0) - (remainingKeys ?? 0);
  const share = totalKeys === undefined ? 0 : totalKeys === 0 ? 1 : moved / totalKeys;
  return (
    <Stack gap={6} role="status">
      <Group justify="space-between">
        <Text fz="sm">
          {totalKeys === undefined
            ? t('keys.counting')
            : t('keys.moved', { moved: format.number(moved), total: format.number(totalKeys) })}
        </Text>
        <SteerButton project={project} to="cancel" />
      </Group>
      <Progress value={100 * share} size={10} radius="xl" aria-label={t('keys.rotations.running')} />
    </Stack>
  );
}

function SteerButton({ project, to }: { readonly project: string; readonly to: 'cancel' | 'resume' }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const steer = useSteer(project);
  if (!may('start:KeyRotation')) return null;
  return (
    <>
      {steer.error !== null && <RefusalNotice error={steer.error} />}
      <Button variant="default" size="compact-sm" loading={steer.isPending} onClick={() => steer.mutate(to)}>
        {t(`keys.${to}`)}
      </Button>
    </>
  );
}
