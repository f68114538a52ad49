import { Center, Container, Loader } from '@mantine/core';
import { Navigate, Outlet, useLocation } from 'react-router';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { SessionContext } from './session-context.js';
import { useMe } from './session-queries.js';

/** Everything below is for somebody who is signed in; others are sent to sign in and come back after. */
export function RequireSession() {
  const { data: me, error } = useMe();
  const { pathname, search } = useLocation();
  if (me === null) return <Navigate to="/sign-in" replace state={{ from: `${pathname}${search}` }} />;
  if (me !== undefined)
    return (
      <SessionContext value={me}>
        <Outlet />
      </SessionContext>
    );
  if (error !== null)
    return (
      <Container size="sm" py="xl">
        <RefusalNotice error={error} />
      </Container>
    );
  return (
    <Center h="100vh">
      <Loader />
    </Center>
  );
}
