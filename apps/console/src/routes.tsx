import { createBrowserRouter, type RouteObject } from 'react-router';
import { AuditPage } from './audit/audit-page.js';
import { EventPage } from './audit/event-page.js';
import { ExportsPage } from './compliance/exports-page.js';
import { TargetsPage } from './compliance/targets-page.js';
import { TracePage } from './compliance/trace-page.js';
import { DeploymentPage } from './deployments/deployment-page.js';
import { DeploymentsPage } from './deployments/deployments-page.js';
import { DestructionPage } from './destruction/destruction-page.js';
import { KeysPage } from './keys/keys-page.js';
import { ModelPage } from './models/model-page.js';
import { ModelsPage } from './models/models-page.js';
import { PrivacyPage } from './privacy/privacy-page.js';
import { RetentionPage } from './retention/retention-page.js';
import { PermittedRoute } from './session/permitted-route.js';
import type { Permission } from './session/permissions.js';
import { RequireSession } from './session/require-session.js';
import { SignInPage } from './session/sign-in-page.js';
import { FaultPage } from './shell/fault-page.js';
import { Home } from './shell/home.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { Shell } from './shell/shell.js';
import { SigningKeyPage } from './signing-key/signing-key-page.js';
import { VersionPage } from './versions/version-page.js';

/** Every address behind the sign-in, by what it takes to open it. */
const rooms: RouteObject[] = [
  permitted('read:Model', [
    { path: 'models', element: <ModelsPage /> },
    { path: 'models/:model', element: <ModelPage /> },
    { path: 'models/:model/versions/:number', element: <VersionPage /> },
  ]),
  permitted('read:Deployment', [
    { path: 'deployments', element: <DeploymentsPage /> },
    { path: 'deployments/:name', element: <DeploymentPage /> },
  ]),
  permitted('read:Dataset', [
    { path: 'privacy', element: <PrivacyPage /> },
    // It draws charts, and is fetched when it is first opened.
    {
      path: 'privacy/:dataset',
      lazy: async () => ({ Component: (await import('./privacy/dataset-page.js')).DatasetPage }),
    },
  ]),
  permitted('read:KeyRotation', [{ path: 'keys', element: <KeysPage /> }]),
  permitted('read:RootRecipient', [
    {
      path: 'key-transfer',
      lazy: async () => ({ Component: (await import('./transfer/transfer-page.js')).TransferPage }),
    },
  ]),
  permitted('read:Destruction', [{ path: 'destruction', element: <DestructionPage /> }]),
  permitted('read:AuditLog', [
    { path: 'audit', element: <AuditPage /> },
    { path: 'audit/events/:event', element: <EventPage /> },
    { path: 'audit/exports', element: <ExportsPage /> },
    { path: 'audit/forwarding', element: <TargetsPage /> },
    { path: 'audit/retention', element: <RetentionPage /> },
    { path: 'trace/:kind/:ref', element: <TracePage /> },
  ]),
  permitted('read:Alarm', [
    {
      path: 'audit/alarms',
      lazy: async () => ({ Component: (await import('./alarms/alarms-page.js')).AlarmsPage }),
    },
  ]),
  permitted('submit:TrustDocument', [{ path: 'signing-key', element: <SigningKeyPage /> }]),
];

export const router = createBrowserRouter([
  {
    errorElement: <FaultPage />,
    children: [
      { path: '/sign-in', element: <SignInPage /> },
      {
        element: <RequireSession />,
        children: [
          {
            element: <Shell />,
            children: [
              { index: true, element: <Home /> },
              ...rooms,
              { path: '*', element: <NotFoundPage /> },
            ],
          },
        ],
      },
    ],
  },
]);

function permitted(permission: Permission, children: RouteObject[]): RouteObject {
  return { element: <PermittedRoute permission={permission} />, children };
}
