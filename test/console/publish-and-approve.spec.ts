import { createHash, createPublicKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readApproval, readRevocation, readTrustDocument } from '@castellan/approval-policy';
import { keyIdOf, p256PublicKeyFromPem, verifiedKeyIds } from '@castellan/dsse';
import { livelyWorld } from './scene.js';
import { Visit } from './visit.js';

const h5 = join(import.meta.dirname, '../fixtures/digits/digits-keras3.h5');

describe('when an author publishes from the browser', () => {
  const { world, anna } = livelyWorld();
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.begin(world);
    await visit.signIn(anna);
  });
  afterAll(() => visit.end());

  it('makes a model', async () => {
    const { page } = visit;
    await page.getByRole('button', { name: 'New model' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Not A Name');
    await dialog.getByRole('button', { name: 'Create model' }).click();
    await dialog.locator('[aria-invalid=true]').waitFor();
    await dialog.getByLabel('Name').fill('forms');
    await dialog.getByLabel('What it is for').fill('Reads forms.');
    await dialog.getByRole('button', { name: 'Create model' }).click();
    await page.waitForURL('**/models/forms');
  });

  it('sends a real Keras file, shows the quarantine, then the verdict of the scan', async () => {
    const { page } = visit;
    await page.locator('input[type=file]:not([webkitdirectory])').setInputFiles(h5);
    await page.getByRole('cell', { name: 'digits-keras3.h5', exact: true }).waitFor();
    world.scansHeld = true;
    await page.getByRole('button', { name: 'Publish 1 file' }).click();
    await page.waitForURL('**/models/forms/versions/1');
    await page.getByText('Being scanned …').waitFor();
    world.registry.scan('forms@1', { verdict: 'clean', findings: [] });
    await page.getByText('Scanned: clean').waitFor();
    await page.getByText('Waiting for approval').waitFor();
    const [file] = world.registry.version('forms@1').files;
    expect(file?.sizeBytes).toBe(readFileSync(h5).length);
    await page.locator(`[data-digest="${file?.sha256}"]`).waitFor();
  });

  it('goes on where a cut connection stopped, and shows how fast and how long', async () => {
    const { page } = visit;
    await visit.open('/models/forms');
    const bytes = randomBytes(20_000_000);
    const folder = await mkdtemp(join(tmpdir(), 'castellan-weights-'));
    await writeFile(join(folder, 'weights.safetensors'), bytes);
    await page
      .locator('input[type=file]:not([webkitdirectory])')
      .setInputFiles(join(folder, 'weights.safetensors'));
    // Cut again and again until the page was seen to say so: each pause is short.
    world.cuts = Infinity;
    await page.getByRole('button', { name: 'Publish 1 file' }).click();
    await page.getByRole('status').getByText('The connection is cut.').waitFor();
    world.cuts = 0;
    await page.waitForURL('**/models/forms/versions/2');
    // A browser may send a request again by itself; what was there is not sent a second time.
    expect(world.appends).toContain(10_000_000);
    expect(world.appends.at(-1)).toBeGreaterThanOrEqual(10_000_000);
    await rm(folder, { recursive: true });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(world.registry.version('forms@2').files).toEqual([
      { path: 'weights.safetensors', sizeBytes: bytes.length, sha256 },
    ]);
  });

  it('takes a folder as one version, with its inner paths and without what it hides', async () => {
    const { page } = visit;
    await visit.open('/models/forms');
    const folder = await mkdtemp(join(tmpdir(), 'castellan-saved-model-'));
    await mkdir(join(folder, 'variables'));
    for (const name of ['saved_model.pb', 'variables/variables.index', '.hidden'])
      await writeFile(join(folder, name), name);
    await page.locator('input[webkitdirectory]').setInputFiles(folder);
    await page.getByRole('button', { name: 'Publish 2 files' }).click();
    await page.waitForURL('**/models/forms/versions/3');
    await rm(folder, { recursive: true });
    const { files } = world.registry.version('forms@3');
    expect(files.map(({ path }) => path)).toEqual(['saved_model.pb', 'variables/variables.index']);
  });

  it('gives up the unfinished version when the server stores other bytes', async () => {
    const { page } = visit;
    await visit.open('/models/forms');
    const store = world.registry.storeFile.bind(world.registry);
    world.registry.storeFile = (ref, path) => store(ref, path, Buffer.from('something else'));
    await page.locator('input[type=file]:not([webkitdirectory])').setInputFiles(h5);
    await page.getByRole('button', { name: 'Publish 1 file' }).click();
    await page.getByRole('alert').getByText('digest_differs').waitFor();
    world.registry.storeFile = store;
    expect(world.registry.versionsOf('forms')).toHaveLength(3);
  });

  it('hides what an author may not do, and names the role that may', async () => {
    const { page } = visit;
    await visit.open('/models/forms/versions/1');
    await page
      .getByText(/Approve, reject or revoke: this takes the role Reviewer or Administrator/)
      .waitFor();
    expect(await page.getByRole('button', { name: 'Evidence' }).count()).toBe(0);
  });
});

describe('when a reviewer signs with the key of her browser', () => {
  const { world, wei } = livelyWorld();
  let visit: Visit;
  let pem = '';
  beforeAll(async () => {
    visit = await Visit.begin(world);
    await visit.signIn(wei);
  });
  afterAll(() => visit.end());

  const sign = async (button: RegExp, reason: string, verb: string) => {
    const { page } = visit;
    await page.getByRole('button', { name: button }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByText('Recomputed in this browser').waitFor();
    const disclosure = dialog.getByRole('button', { name: 'The exact text that is signed' });
    await disclosure.click();
    const shown = await dialog.locator('pre').innerText();
    await dialog.getByRole('button', { name: verb }).click();
    return { dialog, shown };
  };

  it('makes a key that cannot be taken out of the browser', async () => {
    const { page } = visit;
    await visit.open('/signing-key');
    await page.getByRole('button', { name: 'Make my signing key' }).click();
    await page.getByText('Not certified yet').waitFor();
    pem = await page.locator('pre').innerText();
    expect(createPublicKey(pem).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    await page.locator(`[data-digest="${keyIdOf(p256PublicKeyFromPem(pem))}"]`).waitFor();
    const taken = await page.evaluate(`(async () => {
      const database = await new Promise((resolve) => {
        const opening = indexedDB.open('castellan', 1);
        opening.onsuccess = () => resolve(opening.result);
      });
      const stored = await new Promise((resolve) => {
        const asking = database.transaction('signing-keys').objectStore('signing-keys').getAll();
        asking.onsuccess = () => resolve(asking.result[0]);
      });
      database.close();
      return crypto.subtle.exportKey('pkcs8', stored.keys.privateKey).then(() => 'taken', ({ name }) => name);
    })()`);
    expect(taken).toBe('InvalidAccessError');
  });

  it('hands out the request that the command line certifies', async () => {
    const { page } = visit;
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'wei.key-request.json' }).click(),
    ]);
    const request: unknown = JSON.parse(readFileSync(await download.path(), 'utf8'));
    expect(request).toEqual({
      format: 'castellan.key-request/v1',
      organization: 'acme',
      person: 'wei',
      keyId: keyIdOf(p256PublicKeyFromPem(pem)),
      publicKey: pem.endsWith('\n') ? pem : `${pem}\n`,
    });
  });

  it("shows the broker's refusal while no officer has certified the key", async () => {
    await visit.open('/models/voice-activity/versions/1');
    const { dialog } = await sign(/^Approve/, 'Too early.', 'Sign and approve');
    await dialog.getByRole('alert').getByText('reviewer_untrusted').waitFor();
    await visit.page.keyboard.press('Escape');
  });

  it('sees the certificate once an officer has signed it', async () => {
    world.trust.certify('wei', pem, world.now());
    await visit.open('/signing-key');
    await visit.page.getByText('Honoured').waitFor();
    await visit.page.getByText('officer-1').waitFor();
  });

  it('approves: what was shown is what was signed, it verifies in Node, and the version may be served', async () => {
    const { page } = visit;
    await visit.open('/models/voice-activity/versions/1');
    const { shown } = await sign(/^Approve/, 'Forty recordings, no false alarm.', 'Sign and approve');
    await page.getByText('Your approval is signed and recorded.').waitFor();
    await page.getByText('Policy satisfied: may be served').waitFor();

    const { digest: versionDigest = '' } = world.registry.version('voice-activity@1');
    const envelope = world.trust.approvalsFor(versionDigest).at(-1);
    if (envelope === undefined) throw new Error('no approval was handed in');
    expect([...verifiedKeyIds(envelope, [createPublicKey(pem)])]).toEqual([keyIdOf(createPublicKey(pem))]);
    expect(Buffer.from(envelope.payload, 'base64').toString()).toBe(shown);
    expect(readApproval(readTrustDocument(envelope))).toMatchObject({
      decision: 'approve',
      versionDigest,
      person: 'wei',
      reason: 'Forty recordings, no false alarm.',
      evidence: [{ kind: 'scan', verdict: 'clean' }],
    });
    expect(world.registry.evaluate('voice-activity@1', world.now()).allowed).toBe(true);
  });

  it('takes the approval back, and the version may no longer be served', async () => {
    const { page } = visit;
    await sign(/^Revoke …$/, 'A false alarm after all.', 'Sign and revoke');
    await page.getByText('wei took the decision back').waitFor();
    const [revocation] = world.trust.documents('revocation').slice(-1);
    if (revocation === undefined) throw new Error('no revocation was handed in');
    expect(readRevocation(readTrustDocument(revocation.envelope))).toMatchObject({
      target: 'approval',
      person: 'wei',
    });
    expect(world.registry.evaluate('voice-activity@1', world.now()).allowed).toBe(false);
  });

  it('rejects, which blocks the version', async () => {
    const { page } = visit;
    await sign(/^Reject/, 'Training data unknown.', 'Sign and reject');
    await page.getByText('Rejected by wei').waitFor();
    const { reasons } = world.registry.evaluate('voice-activity@1', world.now());
    expect(reasons.map(({ code }) => code)).toContain('version_rejected');
  });

  it("is told in the registry's words that an author may not review her own version", async () => {
    world.registry.start('digits', wei.me, world.now());
    world.registry.storeFile('digits@4', 'model.h5', Buffer.from('weights'));
    world.registry.finalize('digits@4', world.now());
    world.registry.scan('digits@4', { verdict: 'clean', findings: [] });
    await visit.open('/models/digits/versions/4');
    const { dialog } = await sign(/^Approve/, 'My own work.', 'Sign and approve');
    await dialog.getByText('author_may_not_review').waitFor();
    await dialog.getByText(/wei is the author of digits@4/).waitFor();
    await visit.page.keyboard.press('Escape');
  });

  it('refuses to sign when the manifest does not give the digest that is shown', async () => {
    const { page } = visit;
    const review = world.registry.review.bind(world.registry);
    world.registry.review = (ref, now) => ({ ...review(ref, now), manifest: '{"another":"manifest"}' });
    await visit.open('/models/digits/versions/3');
    await page.getByRole('button', { name: /^Approve/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('Looks good.');
    await dialog.getByText('Do not sign.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Sign and approve' }).isDisabled()).toBe(true);
    world.registry.review = review;
  });

  it('downloads the evidence', async () => {
    const { page } = visit;
    await visit.open('/models/digits/versions/3');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Evidence' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('digits-3.evidence.tar');
  });

  it('gave the browser nothing to complain about', () => {
    expect(visit.complaints).toEqual([]);
  });
});
