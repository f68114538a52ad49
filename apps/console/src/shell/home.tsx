import { Navigate } from 'react-router';
import { useSession } from '../session/session-context.js';
import { rooms } from './navigation.js';

/** The first room that the person may enter; her signing key where there is none. */
export function Home() {
  const { may } = useSession();
  const first = rooms.find(({ permission }) => may(permission));
  return <Navigate to={first?.to ?? '/signing-key'} replace />;
}
