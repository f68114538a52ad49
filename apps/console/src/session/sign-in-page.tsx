import { Box, Button, Code, Group, List, Stack, Text, TextInput, ThemeIcon, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation, useNavigate } from 'react-router';
import { ColorSchemeMenu } from '../shell/color-scheme-menu.js';
import { LanguageMenu } from '../shell/language-menu.js';
import { Icon, type IconName } from '../ui/icon.js';
import { Loading } from '../ui/loading.js';
import { Logo } from '../ui/logo.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { linkToken } from './link-token.js';
import { useMe, useSignIn } from './session-queries.js';
import styles from './sign-in-page.module.css';

const promises = [
  ['sealed', 'key'],
  ['approved', 'seal'],
  ['accounted', 'audit'],
  ['private', 'privacy'],
] as const satisfies readonly (readonly [string, IconName])[];

/** Signs in with the secret of a one-time link. The secret leaves the address bar before it is sent. */
export function SignInPage() {
  const { t } = useTranslation();
  useDocumentTitle(`${t('session.signIn')} · Castellan`);
  const { data: me } = useMe();
  const location = useLocation();
  const signIn = useSignIn();
  const navigate = useNavigate();
  const sent = useRef<string>(undefined);
  const { mutate } = signIn;
  const { hash, state } = location;
  const token = linkToken(hash);
  useEffect(() => {
    if (token === undefined || token === sent.current) return;
    sent.current = token;
    void navigate('/sign-in', { replace: true, state });
    mutate(token);
  }, [token, state, navigate, mutate]);

  const busy = token !== undefined || signIn.isPending;
  // Somebody who is signed in and comes with another link is not sent on before it is tried.
  if (me != null && !busy && !signIn.isError) return <Navigate to={cameFrom(location.state)} replace />;
  return (
    <div className={styles['page']}>
      <aside className={styles['story']}>
        <Group gap="sm">
          <Logo size={36} inverted />
          <Text fw={700} fz={20}>
            {t('shell.product')}
          </Text>
        </Group>
        <div>
          <Text fz={30} fw={650} lh={1.2} maw={420} className={styles['claim'] ?? ''}>
            {t('session.claim')}
          </Text>
          <List mt="xl" spacing="lg" listStyleType="none" className={styles['promises'] ?? ''}>
            {promises.map(([promise, icon]) => (
              <List.Item
                key={promise}
                icon={
                  <ThemeIcon variant="transparent" c="#c8d4f5" size={26}>
                    <Icon name={icon} size={22} />
                  </ThemeIcon>
                }
              >
                <Text fw={600}>{t(`session.promises.${promise}.title`)}</Text>
                <Text fz="sm" c="#c8d4f5" maw={380}>
                  {t(`session.promises.${promise}.text`)}
                </Text>
              </List.Item>
            ))}
          </List>
        </div>
      </aside>
      <main className={styles['form']}>
        <Group justify="flex-end" gap={4}>
          <LanguageMenu />
          <ColorSchemeMenu />
        </Group>
        <Box m="auto" w="100%" maw={400}>
          <Title order={1} fz={26}>
            {t('session.signIn')}
          </Title>
          {busy ? <SigningIn /> : <LinkForm onToken={mutate} error={signIn.error} />}
        </Box>
      </main>
    </div>
  );
}

function SigningIn() {
  const { t } = useTranslation();
  return (
    <Stack mt="md">
      <Text c="dimmed">{t('session.signingIn')}</Text>
      <Loading lines={2} />
    </Stack>
  );
}

function LinkForm({
  onToken,
  error,
}: {
  readonly onToken: (token: string) => void;
  readonly error: Error | null;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [unreadable, setUnreadable] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = linkToken(text);
    setUnreadable(token === undefined);
    if (token !== undefined) onToken(token);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack mt="xs" gap="md">
        <Text c="dimmed">{t('session.byLink')}</Text>
        {error !== null && <RefusalNotice error={error} />}
        <TextInput
          label={t('session.link')}
          description={t('session.linkHint')}
          placeholder="https://…/sign-in#token=…"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={unreadable && t('session.linkUnreadable')}
          autoComplete="off"
          spellCheck={false}
          size="md"
        />
        <Button type="submit" size="md" fullWidth>
          {t('session.signIn')}
        </Button>
        <Text fz="sm" c="dimmed">
          {t('session.noLink')} <Code style={{ whiteSpace: 'nowrap' }}>castellan people link</Code>
        </Text>
      </Stack>
    </form>
  );
}

function cameFrom(state: unknown): string {
  const from = state !== null && typeof state === 'object' && 'from' in state ? state.from : undefined;
  return typeof from === 'string' && from.startsWith('/') && !from.startsWith('//') ? from : '/';
}
