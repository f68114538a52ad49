import { describe, expect, it } from '@jest/globals';
import { accessEventMeanings } from '@castellan/access';
import { expiryEventMeanings } from '@castellan/audit';
import { complianceEventMeanings, retentionEventMeanings } from '@castellan/compliance';
import { privacyEventMeanings } from '@castellan/privacy';
import { registryEventMeanings } from '@castellan/registry';
import { servingEventMeanings } from '@castellan/serving';
import { vaultEventMeanings } from '@castellan/vault';
import { keybrokerEvents } from '../../apps/keybroker/src/keybroker-events.js';
import { en } from '../../apps/console/src/i18n/en/index.js';

describe('the audit log in the console', () => {
  it('says in both languages what each event means, and in English what its own context says', () => {
    const meanings = [
      ...accessEventMeanings,
      ...registryEventMeanings,
      ...servingEventMeanings,
      ...privacyEventMeanings,
      ...vaultEventMeanings,
      ...complianceEventMeanings,
      ...expiryEventMeanings,
      ...retentionEventMeanings,
      ...keybrokerEvents.meanings,
    ].map(([action, meaning]): [string, string] => [action.replaceAll(/[.-]/g, '_'), meaning]);
    expect(en.audit.actions).toEqual(Object.fromEntries(meanings));
  });
});
