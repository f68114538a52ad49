import { ActionIcon, CopyButton as Copying, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.js';

/** Copies a text; `label` says which, for those who don't see where the button stands. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useTranslation();
  return (
    <Copying value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('ui.copied') : t('ui.copyThis', { what: label })}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            onClick={copy}
            aria-label={t('ui.copyThis', { what: label })}
          >
            <Icon name={copied ? 'check' : 'copy'} size={14} />
          </ActionIcon>
        </Tooltip>
      )}
    </Copying>
  );
}
