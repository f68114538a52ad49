import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Version } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useEvidence } from './version-queries.js';

/** Downloads everything that an auditor needs to check this version offline. */
export function EvidenceButton({ version }: { readonly version: Version }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const evidence = useEvidence(version);
  if (!may('export:Version', version.project)) return null;
  const fetchIt = () =>
    evidence.mutate(undefined, {
      onError: (error) => notifications.show({ message: <RefusalNotice error={error} />, autoClose: 10_000 }),
    });
  return (
    <Button
      variant="default"
      leftSection={<Icon name="download" />}
      loading={evidence.isPending}
      onClick={fetchIt}
    >
      {t('versions.evidence')}
    </Button>
  );
}
