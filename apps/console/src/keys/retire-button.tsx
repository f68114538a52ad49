import { useTranslation } from 'react-i18next';
import { ConfirmButton } from './confirm-button.js';
import { useRetire } from './project-key-queries.js';

export function RetireButton({ project, version }: { readonly project: string; readonly version: number }) {
  const { t } = useTranslation();
  return (
    <ConfirmButton
      size="compact-sm"
      label={t('keys.retire')}
      title={t('keys.retireTitle', { project, version })}
      hint={t('keys.retireHint')}
      color="red.8"
      action={useRetire(project)}
      about={version}
    />
  );
}
