import { Button, Container, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { RefusalNotice } from '../ui/refusal-notice.js';

/** Shown when a page itself fails: a defect of the console, said plainly. */
export function FaultPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <Container size="sm" py={80} component="main">
      <Stack align="flex-start">
        <Title order={1} fz={26}>
          {t('shell.fault')}
        </Title>
        <RefusalNotice error={error} />
        <Button onClick={() => window.location.reload()}>{t('shell.reload')}</Button>
      </Stack>
    </Container>
  );
}
