import { useTranslation } from 'react-i18next';
import { Pill } from '../ui/pill.js';

/** The names under which a version answers predictions now; nothing when there are none. */
export function ServingPill({ names }: { readonly names: readonly string[] }) {
  const { t, i18n } = useTranslation();
  if (names.length === 0) return null;
  const listed = new Intl.ListFormat(i18n.language, { type: 'conjunction' }).format(names);
  return <Pill tone="good">{t('models.servingAs', { names: listed })}</Pill>;
}
