import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Permission, rolesThatMay } from './permissions.js';

/** In place of an action that the person may not do: which role it takes. */
export function NeedsRole({
  permission,
  action,
}: {
  readonly permission: Permission;
  readonly action: string;
}) {
  const { t, i18n } = useTranslation();
  const names = rolesThatMay(permission).map((role) => t(`session.roles.${role}`));
  const roles = new Intl.ListFormat(i18n.language, { type: 'disjunction' }).format(names);
  return (
    <Text fz="sm" c="dimmed">
      {t('session.needsRole', { action, roles })}
    </Text>
  );
}
