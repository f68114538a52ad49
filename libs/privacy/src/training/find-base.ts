import { type Actor, requireAbility, visible } from '@castellan/access';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { VersionStore } from '@castellan/registry';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { PrivacyError } from '../privacy-error.js';

/** A version that is trained on, by its content: a number alone could come to mean another. */
export const BaseVersion = z.object({ id: z.string(), ref: z.string(), digest: z.string() });
export type BaseVersion = z.infer<typeof BaseVersion>;

/**
 * The version that somebody wants to train on: one that they may read, and whose key the keybroker would release now. What it
 * says here saves a charge that would be given back; whether the key leaves, it judges again when a job asks for it.
 */
@Injectable()
export class FindBase {
  constructor(
    private readonly versions: VersionStore,
    private readonly keybroker: KeybrokerClient,
  ) {}

  /** @throws base_unknown, also for one that they can't see; base_not_approved with the reasons; not_permitted */
  async execute(actor: Actor, ref: string): Promise<BaseVersion> {
    const version = await this.versions.visibleByRef(visible(actor, 'Version'), ref);
    if (version?.digest == null)
      throw new PrivacyError('base_unknown', {
        kind: 'not_found',
        publicDetail: `There is no finished version ${JSON.stringify(ref)} that could be trained on. Name it as model@number.`,
      });
    requireAbility(actor, 'read', 'Version', version);
    const { id, digest, model, number } = version;
    const named = `${model.name}@${number}`;
    const { allowed, reasons } = await this.keybroker.evaluate(id);
    if (!allowed)
      throw new PrivacyError('base_not_approved', {
        kind: 'forbidden',
        publicDetail: `${named} can't be trained on. ${reasons.map(({ detail }) => detail).join(' ')}`,
        meta: { reasons },
      });
    return { id, digest, ref: named };
  }
}
