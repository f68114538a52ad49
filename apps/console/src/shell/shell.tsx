import { AppShell, Burger, Group, NavLink, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { AccountMenu } from '../session/account-menu.js';
import { useSession } from '../session/session-context.js';
import { Icon } from '../ui/icon.js';
import { Logo } from '../ui/logo.js';
import { ColorSchemeMenu } from './color-scheme-menu.js';
import { LanguageMenu } from './language-menu.js';
import { rooms } from './navigation.js';
import styles from './shell.module.css';

/** The frame around every page of somebody who is signed in. */
export function Shell() {
  const { t } = useTranslation();
  const { me, may } = useSession();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <a href="#content" className="castellan-skip">
        {t('shell.skip')}
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t('shell.navigation')}
              aria-expanded={opened}
            />
            <Logo />
            <Text fw={700}>{t('shell.product')}</Text>
            <Text c="dimmed" fz="sm" visibleFrom="xs" pl="sm" className={styles['organization'] ?? ''}>
              {me.organization}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LanguageMenu />
            <ColorSchemeMenu />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t('shell.navigation')}>
        {rooms
          .filter(({ permission }) => may(permission))
          .map(({ to, key, icon }) => (
            <NavLink
              key={to}
              component={Link}
              to={to}
              label={t(`shell.rooms.${key}`)}
              leftSection={<Icon name={icon} />}
              active={pathname === to || pathname.startsWith(`${to}/`)}
              aria-current={pathname === to ? 'page' : undefined}
              className={styles['room'] ?? ''}
            />
          ))}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <div className={styles['width']}>
          <Outlet />
        </div>
      </AppShell.Main>
      <ScrollRestoration />
    </AppShell>
  );
}
