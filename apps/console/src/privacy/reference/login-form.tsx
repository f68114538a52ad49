import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { PostgresLogin } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icon.js';

/** A login, forgotten here once it is sent. */
export function LoginForm({
  action,
  disabled = false,
  isPending,
  onLogin,
}: {
  readonly action: string;
  readonly disabled?: boolean;
  readonly isPending: boolean;
  readonly onLogin: (login: PostgresLogin) => void;
}) {
  const { t } = useTranslation();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const login = PostgresLogin.safeParse({ user, password });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!login.success || disabled) return;
        onLogin(login.data);
        setPassword('');
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t('reference.user')}
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
          autoComplete="off"
          required
        />
        <PasswordInput
          label={t('reference.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          required
        />
        <Group>
          <Button
            type="submit"
            leftSection={<Icon name="seal" />}
            disabled={disabled || !login.success}
            loading={isPending}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
