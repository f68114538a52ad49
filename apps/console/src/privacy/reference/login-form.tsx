import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { PostgresLogin, S3AccessKey, type SourceLogin, type TableSource } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icon.js';

/** A login to a database, or an access key to a bucket, forgotten here once it is sent. */
export function LoginForm({
  kind,
  action,
  disabled = false,
  isPending,
  onLogin,
}: {
  readonly kind: TableSource['kind'];
  readonly action: string;
  readonly disabled?: boolean;
  readonly isPending: boolean;
  readonly onLogin: (login: SourceLogin) => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const login = readLogin(kind, name, secret);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (login === undefined || disabled) return;
        onLogin(login);
        setSecret('');
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t(`reference.logins.${kind}.name`)}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          required
        />
        <PasswordInput
          label={t(`reference.logins.${kind}.secret`)}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          autoComplete="new-password"
          required
        />
        <Group>
          <Button
            type="submit"
            leftSection={<Icon name="seal" />}
            disabled={disabled || login === undefined}
            loading={isPending}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function readLogin(kind: TableSource['kind'], name: string, secret: string): SourceLogin | undefined {
  return kind === 's3'
    ? S3AccessKey.safeParse({ accessKeyId: name, secretAccessKey: secret }).data
    : PostgresLogin.safeParse({ user: name, password: secret }).data;
}
