import { List, Paper } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { type Permission, rolesThatMay } from './permissions.js';
import { useSession } from './session-context.js';

/** Pages for those who may see them; others are told which roles may. */
export function PermittedRoute({ permission }: { readonly permission: Permission }) {
  const { may } = useSession();
  const { t } = useTranslation();
  if (may(permission)) return <Outlet />;
  return (
    <Page title={t('session.notForYou')}>
      <Paper p="lg">
        <NothingHere icon="key" title={t('session.rolesThatMay')}>
          <List size="sm" listStyleType="none">
            {rolesThatMay(permission).map((role) => (
              <List.Item key={role}>{t(`session.roles.${role}`)}</List.Item>
            ))}
          </List>
        </NothingHere>
      </Paper>
    </Page>
  );
}
