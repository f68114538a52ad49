import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ExportFormat } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { AuditFilter } from '../audit/audit-queries.js';
import { useSession } from '../session/session-context.js';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useRequestExport } from './compliance-queries.js';

/** Exports exactly what the list is narrowed to. */
export function ExportButton({ filter }: { readonly filter: AuditFilter }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const navigate = useNavigate();
  const request = useRequestExport();
  if (!may('create:AuditExport')) return null;
  const ask = (format: ExportFormat) =>
    request.mutate(
      { format, filter: filter as object },
      {
        onSuccess: () => void navigate('/audit/exports'),
        onError: (error) =>
          notifications.show({ message: <RefusalNotice error={error} />, autoClose: 10_000 }),
      },
    );
  return (
    <Menu>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Icon name="download" size={14} />}
          loading={request.isPending}
        >
          {t('exports.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ExportFormat.options.map((format) => (
          <Menu.Item key={format} onClick={() => ask(format)}>
            {t(`exports.formats.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
