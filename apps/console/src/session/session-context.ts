import type { Me } from '@castellan/contracts';
import { createContext, useContext } from 'react';
import { may, type Permission } from './permissions.js';

export const SessionContext = createContext<Me | undefined>(undefined);

/** Who is signed in, and what they may do. Only below `RequireSession`. */
export function useSession() {
  const me = useContext(SessionContext);
  if (me === undefined) throw new Error('useSession stands outside RequireSession');
  return {
    me,
    may: (permission: Permission, project?: string) => may(me, permission, project),
  };
}
