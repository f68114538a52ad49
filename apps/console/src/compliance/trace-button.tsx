import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '../session/session-context.js';

/** Leads to what a thing rests on and what rests on it. */
export function TraceButton({ to }: { readonly to: string }) {
  const { t } = useTranslation();
  const { may } = useSession();
  if (!may('read:Trace')) return null;
  return (
    <Button component={Link} to={to} variant="default">
      {t('trace.trace')}
    </Button>
  );
}
