import { Anchor, Paper } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('shell.notFound')}>
      <Paper p="lg">
        <NothingHere icon="search" title={t('shell.nothingAtAddress')}>
          <Anchor component={Link} to="/">
            {t('shell.toStart')}
          </Anchor>
        </NothingHere>
      </Paper>
    </Page>
  );
}
