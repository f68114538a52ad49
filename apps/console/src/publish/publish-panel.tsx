import { ActionIcon, Button, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useFormat } from '../i18n/use-format.js';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { DropArea } from './drop-area.js';
import { type DroppedFile, together } from './dropped-files.js';
import { publishVersion } from './publish-version.js';
import { total, type Transfer, useTransfer } from './transfer-state.js';

/** Publishing from the browser: files in, progress, finalised; then the version's own page shows the scan. */
export function PublishPanel({ model }: { readonly model: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [files, setFiles] = useState<readonly DroppedFile[]>([]);
  const { transfer, watching, restart } = useTransfer();
  const publish = useMutation({
    mutationFn: () => publishVersion(model, files, watching),
    onMutate: restart,
    onSuccess: ({ number }) => void navigate(`/models/${model}/versions/${number}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['models'] }),
  });
  const add = (more: readonly DroppedFile[]) => setFiles((before) => together([...before, ...more]));
  return (
    <Panel title={t('publish.title')} hint={t('publish.hint')}>
      <Stack>
        {publish.error !== null && <RefusalNotice error={publish.error} />}
        {!publish.isPending && <DropArea onFiles={add} />}
        {files.length > 0 && (
          <>
            <FileTable
              files={files}
              sent={transfer.sent}
              sending={publish.isPending}
              onRemove={(path) => setFiles(files.filter((each) => each.path !== path))}
            />
            <Group justify="flex-end">
              {publish.isPending && <TransferLine files={files} transfer={transfer} />}
              <Button
                leftSection={<Icon name="upload" />}
                loading={publish.isPending}
                onClick={() => publish.mutate()}
              >
                {t('publish.publish', { count: files.length })}
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Panel>
  );
}

/** How much is there of everything, how fast, and how long the rest takes. */
function TransferLine({
  files,
  transfer: { sent, cut, bytesPerSecond },
}: {
  readonly files: readonly DroppedFile[];
  readonly transfer: Transfer;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const sentBytes = total(Object.values(sent));
  const totalBytes = total(files.map(({ file }) => file.size));
  const facts = {
    sent: format.bytes(sentBytes),
    total: format.bytes(totalBytes),
    rate: format.bytes(bytesPerSecond),
    left: format.duration((totalBytes - sentBytes) / bytesPerSecond),
  };
  return (
    <Text fz="sm" c="dimmed" role="status" flex={1}>
      {cut ? t('publish.cut') : t(bytesPerSecond > 0 ? 'publish.rate' : 'publish.begun', facts)}
    </Text>
  );
}

function FileTable({
  files,
  sent,
  sending,
  onRemove,
}: {
  readonly files: readonly DroppedFile[];
  readonly sent: Readonly<Record<string, number>>;
  readonly sending: boolean;
  readonly onRemove: (path: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table verticalSpacing="xs" highlightOnHover={false}>
      <Table.Tbody>
        {files.map(({ path, file }) => (
          <Table.Tr key={path}>
            <Table.Td ff="monospace" fz="sm">
              {path}
            </Table.Td>
            <Table.Td c="dimmed" w={110} ta="right">
              {format.bytes(file.size)}
            </Table.Td>
            <Table.Td w="35%">
              {sending && (
                <Group gap="xs" wrap="nowrap">
                  <Progress
                    value={file.size === 0 ? 100 : (100 * (sent[path] ?? 0)) / file.size}
                    aria-label={t('publish.progressOf', { path })}
                    flex={1}
                  />
                  <Text fz="xs" c="dimmed" w={44} ta="right">
                    {format.percent(file.size === 0 ? 1 : (sent[path] ?? 0) / file.size)}
                  </Text>
                </Group>
              )}
            </Table.Td>
            <Table.Td w={40}>
              {!sending && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  onClick={() => onRemove(path)}
                  aria-label={t('publish.remove', { path })}
                >
                  <Icon name="cross" size={16} />
                </ActionIcon>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
