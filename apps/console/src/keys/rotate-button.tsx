import { useTranslation } from 'react-i18next';
import { Icon } from '../ui/icon.js';
import { ConfirmButton } from './confirm-button.js';
import { useRotate } from './project-key-queries.js';

export function RotateButton({ project, current }: { readonly project: string; readonly current: number }) {
  const { t } = useTranslation();
  return (
    <ConfirmButton
      leftSection={<Icon name="key" size={15} />}
      label={t('keys.rotate')}
      title={t('keys.rotateTitle', { project })}
      hint={t('keys.rotateHint', { next: current + 1 })}
      color="ink"
      action={useRotate(project)}
      about={current}
    />
  );
}
