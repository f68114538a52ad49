import { roles } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';

/** A role as people call it. Policies and certificates may name roles of their own; those stay as they are. */
export function useRoleName(): (role: string) => string {
  const { t } = useTranslation();
  return (role) => {
    const known = roles.find((each) => each === role);
    return known === undefined ? role : t(`session.roles.${known}`);
  };
}
