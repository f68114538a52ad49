import { Button, Group, Modal, NumberInput, Progress, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Quota } from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/call.js';
import { useFormat } from '../i18n/use-format.js';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useProjects } from './model-queries.js';

const GIB = 2 ** 30;

/** How much the versions of each project take, and may take; an administrator sets that. */
export function SpacePanel() {
  const { t } = useTranslation();
  const projects = useProjects();
  return (
    <Panel title={t('space.title')} hint={t('space.hint')}>
      <Answer to={projects}>
        {(all) => (
          <Stack>
            {all.map(({ name }) => (
              <ProjectSpace key={name} project={name} />
            ))}
          </Stack>
        )}
      </Answer>
    </Panel>
  );
}

function ProjectSpace({ project }: { readonly project: string }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [opened, { open, close }] = useDisclosure();
  const quota = useQuery({ queryKey: ['quota', project], queryFn: () => call(quotaPath(project), Quota) });
  return (
    <Answer to={quota}>
      {(found) => (
        <Group justify="space-between" wrap="nowrap" align="flex-end">
          <SpaceTaken quota={found} />
          {may('limit:Model', project) && (
            <>
              <Button variant="default" size="xs" onClick={open} aria-label={t('space.setOf', { project })}>
                {t('space.set')}
              </Button>
              <LimitDialog quota={found} opened={opened} onClose={close} />
            </>
          )}
        </Group>
      )}
    </Answer>
  );
}

function SpaceTaken({
  quota: { project, storedBytes, uploadingBytes, limitBytes },
}: {
  readonly quota: Quota;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const usedBytes = storedBytes + uploadingBytes;
  const facts = {
    used: format.bytes(storedBytes),
    coming: format.bytes(uploadingBytes),
    limit: limitBytes === undefined ? t('space.noLimit') : format.bytes(limitBytes),
  };
  return (
    <Stack gap={4} flex={1}>
      <Group gap="sm">
        <Text fw={550}>{project}</Text>
        <Text fz="sm" c="dimmed">
          {t(uploadingBytes > 0 ? 'space.takenAndComing' : 'space.taken', facts)}
        </Text>
      </Group>
      {limitBytes !== undefined && (
        <Progress
          value={limitBytes === 0 ? 100 : Math.min(100, (100 * usedBytes) / limitBytes)}
          color={usedBytes > 0.9 * limitBytes ? 'red' : 'ink'}
          aria-label={t('space.shareOf', { project })}
        />
      )}
    </Stack>
  );
}

function LimitDialog({
  quota: { project, limitBytes },
  opened,
  onClose,
}: {
  readonly quota: Quota;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [gib, setGib] = useState<number | string>(limitBytes === undefined ? '' : limitBytes / GIB);
  const limit = useMutation({
    mutationFn: (bytes: number | null) =>
      call(quotaPath(project), Quota, { method: 'PUT', json: { limitBytes: bytes } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['quota', project] });
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('space.setOf', { project })}>
      <Stack>
        {limit.error !== null && <RefusalNotice error={limit.error} />}
        <NumberInput
          label={t('space.limitGib')}
          value={gib}
          onChange={setGib}
          min={0}
          allowNegative={false}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => limit.mutate(null)}>
            {t('space.lift')}
          </Button>
          <Button
            disabled={typeof gib !== 'number'}
            loading={limit.isPending}
            onClick={() => limit.mutate(Math.round(Number(gib) * GIB))}
          >
            {t('space.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function quotaPath(project: string): string {
  return `/api/v1/projects/${encodeURIComponent(project)}/quota`;
}
