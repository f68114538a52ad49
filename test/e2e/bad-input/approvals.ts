import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { DsseEnvelope } from '@castellan/contracts';
import { decisionOn } from '../../../apps/cli/src/documents/decision-on.js';
import { signDocument } from '../../../apps/cli/src/documents/sign-document.js';
import { eventually } from '../../support/eventually.js';
import { fixture } from '../../support/fixtures.js';
import { refusalOf } from '../../support/refusal.js';
import type { Scene } from './scene.js';

const DAY_MS = 86_400_000;

export function approvalsThatDoNotCount(onStage: () => Scene): void {
  describe('an approval that does not count', () => {
    it('is the author’s own, whoever hands it in', async () => {
      const scene = onStage();
      const { cast, served } = scene;
      const own = await cast.approvalOf(served.id, cast.author);
      for (const by of [cast.author, cast.reviewer])
        expect(await scene.refusedWithoutTrace(() => by.api.submitDocument(own))).toMatchObject({
          code: 'author_may_not_review',
          kind: 'forbidden',
          detail: expect.stringMatching(/^ada is the author of digits@1/),
        });
    });

    it('is for a digest that no version has', async () => {
      const scene = onStage();
      const { cast, served } = scene;
      const review = await cast.reviewer.api.review(served.id);
      const manifest = '{"made":"up"}';
      const digest = createHash('sha256').update(manifest).digest('hex');
      const payload = decisionOn(
        { ...review, manifest, version: { ...review.version, digest } },
        { decision: 'approve', person: 'rita', reason: '-', issuedAt: new Date(), days: 1 },
      );
      const envelope = signDocument(payload, cast.reviewer.signingKey);
      expect(await scene.refusedWithoutTrace(() => cast.reviewer.api.submitDocument(envelope))).toMatchObject(
        {
          code: 'approval_for_unknown_version',
          detail: expect.stringContaining(digest),
        },
      );
    });

    it('had its digest, its person or its decision changed after it was signed', async () => {
      const scene = onStage();
      const { cast, served } = scene;
      const signed = await cast.approvalOf(served.id, cast.reviewer);
      const forgeries = [
        withPayload(signed, (text) => text.replace(served.digest ?? '-', 'a'.repeat(64))),
        withPayload(signed, (text) => text.replace('"decision":"approve"', '"decision":"reject"')),
        withPayload(signed, (text) => text.replace('"person":"rita"', '"person":"ada"')),
      ];
      for (const forged of forgeries) {
        expect(forged.payload).not.toBe(signed.payload);
        const refusal = await scene.refusedWithoutTrace(() => cast.reviewer.api.submitDocument(forged));
        expect(refusal.kind).toBe('forbidden');
        expect(['signature_invalid', 'reviewer_untrusted']).toContain(refusal.code);
      }
    });

    it('is signed with a key that no officer certified, or with another’s name', async () => {
      const scene = onStage();
      const { cast, served } = scene;
      const review = await cast.reviewer.api.review(served.id);
      const payload = decisionOn(review, {
        ...{ decision: 'approve', person: 'rita', reason: '-', issuedAt: new Date(), days: 1 },
      });
      const uncertified = signDocument(payload, cast.consumer.signingKey);
      expect(
        await scene.refusedWithoutTrace(() => cast.reviewer.api.submitDocument(uncertified)),
      ).toMatchObject({ code: 'reviewer_untrusted', detail: expect.stringContaining('rita') });
      const borrowed = signDocument(payload, cast.author.signingKey);
      expect(await scene.refusedWithoutTrace(() => cast.reviewer.api.submitDocument(borrowed))).toMatchObject(
        {
          kind: 'forbidden',
        },
      );
    });

    it('is handed in by somebody who may not, or is no document at all', async () => {
      const scene = onStage();
      const { cast, served } = scene;
      const approval = await cast.approvalOf(served.id, cast.reviewer);
      expect(await scene.refusedWithoutTrace(() => cast.consumer.api.submitDocument(approval))).toMatchObject(
        { code: 'not_permitted' },
      );
      const nonsense = withPayload(approval, () => 'nonsense');
      expect(await scene.refusedWithoutTrace(() => cast.reviewer.api.submitDocument(nonsense))).toMatchObject(
        { kind: expect.stringMatching(/^(invalid|forbidden)$/) },
      );
      const unsigned = { ...approval, signatures: [] };
      expect(await scene.refusedWithoutTrace(() => cast.reviewer.api.submitDocument(unsigned))).toMatchObject(
        { code: 'request_invalid', detail: expect.stringContaining('signatures') },
      );
    });

    it('was handed in before: it counts once, also after it was revoked', async () => {
      const scene = onStage();
      const { cast, served } = scene;
      const approval = await cast.approvalOf(served.id, cast.reviewer);
      await cast.reviewer.api.submitDocument(approval);
      for (const by of [cast.reviewer, cast.author])
        expect(await scene.refusedWithoutTrace(() => by.api.submitDocument(approval))).toMatchObject({
          code: 'document_already_recorded',
          kind: 'conflict',
          detail: expect.stringContaining('counts once'),
        });
    });

    it('is for another version: the one that is deployed stays refused, and the refusal says why', async () => {
      const { cast } = onStage();
      const [signed, unsigned] = [
        await cast.publish('signed', { 'model.h5': await fixture('digits/digits-keras2.h5') }),
        await cast.publish('unsigned', { 'model.h5': await fixture('digits/digits-keras2.h5') }),
      ];
      await cast.approve(signed.id);
      await cast.admin.api.createDeployment({ name: 'unsigned', version: unsigned.id });
      const refusal = await eventually('the gateway has heard of it', async () => {
        const met = await refusalOf(() => cast.consumer.gateway.predict({ model: 'unsigned', input: [] }));
        return ['deployment_unknown', 'not_ready'].includes(met.code) ? undefined : met;
      });
      expect(refusal).toMatchObject({
        code: 'not_approved',
        kind: 'forbidden',
        detail: expect.stringMatching(/approval/),
      });
    });

    it('has expired by the time it is handed in', async () => {
      const { cast } = onStage();
      const version = await cast.publish('expired', {
        'model.h5': await fixture('digits/digits-keras2.h5'),
      });
      const payload = decisionOn(await cast.reviewer.api.review(version.id), {
        ...{ decision: 'approve', person: 'rita', reason: '-', days: 1 },
        issuedAt: new Date(Date.now() - 2 * DAY_MS),
      });
      const late = signDocument(payload, cast.reviewer.signingKey);
      await cast.reviewer.api.submitDocument(late).catch(() => undefined);
      const { allowed, reasons } = (await cast.reviewer.api.review(version.id)).evaluation;
      expect(allowed).toBe(false);
      expect(JSON.stringify(reasons)).toMatch(/expired/);
    });
  });
}

function withPayload(envelope: DsseEnvelope, change: (text: string) => string): DsseEnvelope {
  const text = Buffer.from(envelope.payload, 'base64').toString('utf8');
  return { ...envelope, payload: Buffer.from(change(text), 'utf8').toString('base64') };
}
