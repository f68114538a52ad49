import { Avatar, Badge, Group, Menu, Stack, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Icon } from '../ui/icon.js';
import { useSession } from './session-context.js';
import { useSignOut } from './session-queries.js';

/** Who I am, with my roles; the way to my signing key and out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const { me } = useSession();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={270} shadow="md">
      <Menu.Target>
        <UnstyledButton>
          <VisuallyHidden>{t('session.account')}</VisuallyHidden>
          <Group gap={8} wrap="nowrap">
            <Avatar
              name={me.displayName}
              color="ink"
              variant="filled"
              size={32}
              radius="xl"
              aria-hidden="true"
            />
            <Text fz="sm" fw={550} visibleFrom="sm">
              {me.displayName}
            </Text>
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Stack gap={6} p="sm">
          <div>
            <Text fw={600}>{me.displayName}</Text>
            <Text fz="sm" c="dimmed">
              {t('session.ofOrganization', { name: me.name, organization: me.organization })}
            </Text>
          </div>
          <Group gap={4}>
            {me.roles.map(({ role, project }) => (
              <Badge key={`${role}/${project ?? ''}`} variant="default" tt="none" fw={500}>
                {project === undefined
                  ? t(`session.roles.${role}`)
                  : t('session.roleInProject', { role: t(`session.roles.${role}`), project })}
              </Badge>
            ))}
          </Group>
        </Stack>
        <Menu.Divider />
        <Menu.Item component={Link} to="/signing-key" leftSection={<Icon name="key" size={16} />}>
          {t('signingKey.title')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="signOut" size={16} />} onClick={() => signOut.mutate()}>
          {t('session.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
