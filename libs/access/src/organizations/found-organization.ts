import type { Role } from '@castellan/contracts';
import type { Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { CredentialStore } from '../credentials/credential-store.js';
import { PersonStore, type PersonRow } from '../people/person-store.js';
import { ProjectStore } from './project-store.js';

export interface Foundation {
  readonly name: string;
  readonly admin: { readonly name: string; readonly displayName: string; readonly roles: readonly Role[] };
  readonly signInLink: { readonly secretHash: Uint8Array<ArrayBuffer>; readonly expiresAt: Date };
}

/** An organisation as it begins: project "default", one administrator, and a sign-in link to start with. */
@Injectable()
export class FoundOrganization {
  constructor(
    private readonly people: PersonStore,
    private readonly projects: ProjectStore,
    private readonly credentials: CredentialStore,
  ) {}

  /** @throws a unique violation when the name is taken */
  async execute(tx: Tx, { name, admin, signInLink }: Foundation) {
    const organization = await tx.organization.create({ data: { name } });
    await this.projects.create(tx, organization.id, 'default');
    const person: PersonRow = await this.people.create(tx, {
      organizationId: organization.id,
      name: admin.name,
      displayName: admin.displayName,
      roles: admin.roles.map((role) => ({ role, projectId: null })),
    });
    await this.credentials.create(tx, {
      personId: person.id,
      kind: 'sign_in_link',
      label: 'first sign-in',
      ...signInLink,
    });
    return { organization, admin: person };
  }
}
