import { Table } from '@mantine/core';
import type { ManifestFile } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { Digest } from '../ui/digest.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Panel } from '../ui/panel.js';

export function FilesPanel({ files }: { readonly files: readonly ManifestFile[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Panel title={t('versions.files')} hint={t('versions.filesHint')}>
      {files.length === 0 ? (
        <NothingHere icon="file" title={t('versions.noFiles')} />
      ) : (
        <Table.ScrollContainer minWidth={480} type="native">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('versions.path')}</Table.Th>
                <Table.Th ta="right">{t('versions.size')}</Table.Th>
                <Table.Th>{t('versions.sha256')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {files.map(({ path, sizeBytes, sha256 }) => (
                <Table.Tr key={path}>
                  <Table.Td ff="monospace" fz="sm">
                    {path}
                  </Table.Td>
                  <Table.Td ta="right">{format.bytes(sizeBytes)}</Table.Td>
                  <Table.Td>
                    <Digest value={sha256} label={t('versions.sha256')} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
