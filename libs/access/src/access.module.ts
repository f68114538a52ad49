import { AuditModule, type PersonKeyAuthority, PersonKeys } from '@castellan/audit';
import { AccessControl } from '@castellan/http';
import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import type { AccessRules } from './ability/ability.js';
import { accessRules } from './ability/access-rules.js';
import { AccessClock, SystemAccessClock } from './access-clock.js';
import { AbilityAccessControl } from './authentication/ability-access-control.js';
import { Authenticate, collectedRules } from './authentication/authenticate.js';
import { RefusalBudget } from './authentication/refusal-budget.js';
import { CredentialController } from './credentials/credential.controller.js';
import { CredentialStore } from './credentials/credential-store.js';
import { IssueCredential } from './credentials/issue-credential.js';
import { RevokeCredential } from './credentials/revoke-credential.js';
import { Bootstrap } from './organizations/bootstrap.js';
import { CreateOrganization } from './organizations/create-organization.js';
import { CreateProject } from './organizations/create-project.js';
import { FoundOrganization } from './organizations/found-organization.js';
import { OrganizationController } from './organizations/organization.controller.js';
import { ProjectStore } from './organizations/project-store.js';
import { CreatePerson } from './people/create-person.js';
import { DisablePerson } from './people/disable-person.js';
import { PersonController } from './people/person.controller.js';
import { PersonStore } from './people/person-store.js';
import { AuthenticateSigned } from './s3/authenticate-signed.js';
import { S3KeyController } from './s3/s3-key.controller.js';
import { S3Secrets } from './s3/s3-secrets.js';
import { ShowS3Key } from './s3/show-s3-key.js';
import { CloseSession } from './session/close-session.js';
import { OpenSession } from './session/open-session.js';
import { SessionController } from './session/session.controller.js';

export interface AccessModuleOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Off in processes that only ask who is calling, such as the gateway. Default on. */
  readonly routes?: boolean;
  readonly clock?: AccessClock;
  /** Who makes the keys that people's attributes in the log are sealed under; without it they go there in clear. */
  readonly personKeys?: PersonKeyAuthority;
  /** What S3 clients sign with; without it nobody comes in by such a signature. */
  readonly s3Secrets?: S3Secrets;
}

/**
 * Who may come in, and to what. Collects the rules of all contexts; provides the `AccessControl` that `createHttpApp` looks
 * for. Needs `Database`, which `DatabaseModule` gives to everybody.
 */
@Module({})
export class AccessModule {
  static forRoot(rules: readonly AccessRules[], options: AccessModuleOptions = {}): DynamicModule {
    const { imports = [], routes = true, clock = new SystemAccessClock(), personKeys, s3Secrets } = options;
    return {
      module: AccessModule,
      imports: [AuditModule, ...imports],
      controllers: routes
        ? [OrganizationController, PersonController, CredentialController, SessionController, S3KeyController]
        : [],
      providers: [
        { provide: collectedRules, useValue: [accessRules, ...rules] },
        { provide: AccessClock, useValue: clock },
        { provide: AccessControl, useClass: AbilityAccessControl },
        { provide: RefusalBudget, useValue: new RefusalBudget() },
        ...(personKeys === undefined ? [] : [{ provide: PersonKeys, useValue: new PersonKeys(personKeys) }]),
        ...(s3Secrets === undefined ? [] : [{ provide: S3Secrets, useValue: s3Secrets }]),
        Authenticate,
        AuthenticateSigned,
        ShowS3Key,
        CredentialStore,
        PersonStore,
        ProjectStore,
        IssueCredential,
        RevokeCredential,
        CreatePerson,
        DisablePerson,
        CreateProject,
        CreateOrganization,
        FoundOrganization,
        Bootstrap,
        OpenSession,
        CloseSession,
      ],
      exports: [AccessControl, Authenticate, Bootstrap],
    };
  }
}
