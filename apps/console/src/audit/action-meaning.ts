import { useTranslation } from 'react-i18next';
import { en } from '../i18n/en/index.js';

type KnownAction = keyof typeof en.audit.actions;

function isKnown(action: string): action is KnownAction {
  return Object.hasOwn(en.audit.actions, action);
}

/** An action in words; undefined for one that this console does not know. */
export function useActionMeaning(): (action: string) => string | undefined {
  const { t } = useTranslation();
  return (action) => {
    const key = action.replaceAll(/[.-]/g, '_');
    return isKnown(key) ? t(`audit.actions.${key}`) : undefined;
  };
}
