import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Answer } from '../ui/answer.js';
import { Page } from '../ui/page.js';
import { ProjectKeysPanel } from './project-keys-panel.js';
import { useProjects } from './project-key-queries.js';

/** The key-encryption keys of every project: what rests on which version, and how a rotation goes. */
export function KeysPage() {
  const { t } = useTranslation();
  const projects = useProjects();
  return (
    <Page title={t('keys.title')} subtitle={t('keys.subtitle')}>
      <Answer to={projects}>
        {(all) => (
          <Stack gap="lg">
            {all.map(({ id, name }) => (
              <ProjectKeysPanel key={id} project={name} />
            ))}
          </Stack>
        )}
      </Answer>
    </Page>
  );
}
