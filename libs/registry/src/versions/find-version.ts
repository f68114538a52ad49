import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility, visible } from '@castellan/access';
import { RegistryError } from '../registry-error.js';
import { type VersionRow, VersionStore } from './version-store.js';

/** The version that a path names (an id, or `model@number`), for somebody who may do `action` with it. */
@Injectable()
export class FindVersion {
  constructor(private readonly versions: VersionStore) {}

  /** @throws version_unknown when there is none or the actor may not even see it; not_permitted */
  async execute(actor: Actor, ref: string, action = 'read'): Promise<VersionRow> {
    const version = await this.versions.visibleByRef(visible(actor, 'Version'), ref);
    if (version === null) {
      throw new RegistryError('version_unknown', {
        kind: 'not_found',
        publicDetail: `There is no version "${ref}". Name it by id or as model@number.`,
      });
    }
    requireAbility(actor, action, 'Version', version);
    return version;
  }
}
