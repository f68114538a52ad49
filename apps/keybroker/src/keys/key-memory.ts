import { z } from 'zod';
import type { SealedFile } from '../state/sealed-file.js';

const Project = z.strictObject({
  /** The newest version that was ever made. */
  version: z.number().int().min(1),
  kekId: z.string(),
  /** Keys that are destroyed, by id. */
  retired: z.array(z.string()),
});
const Keys = z.strictObject({
  format: z.literal('castellan.keybroker.keys/v1'),
  projects: z.record(z.string(), Project),
  /** `<version|model|project>/<id>` of everything whose keys were destroyed. */
  shredded: z.array(z.string()).default([]),
  /** Certificates that keys were sealed to elsewhere: what each has received, by the package's digest. */
  received: z.record(z.string(), z.string()).default({}),
});
type Keys = z.infer<typeof Keys>;

export const noKeys: string = JSON.stringify({
  format: 'castellan.keybroker.keys/v1',
  projects: {},
  shredded: [],
  received: {},
} satisfies Keys);

/**
 * Which key-encryption keys there are and which no longer, in the broker's own sealed folder: a database that was rolled
 * back, or edited, brings no key back. Nothing here is ever forgotten, and versions only go up. A change holds when it is
 * durable; changes take turns.
 */
export class KeyMemory {
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly file: SealedFile,
    private keys: Keys,
    private readonly publish: (shredded: readonly string[]) => Promise<void>,
  ) {}

  /** @param publish told of everything that was destroyed, now and whenever that is more, before the change is done */
  static async open(
    file: SealedFile,
    publish: (shredded: readonly string[]) => Promise<void> = async () => undefined,
  ): Promise<KeyMemory> {
    const memory = new KeyMemory(file, Keys.parse(JSON.parse(await file.read())), publish);
    await publish(memory.shredded);
    return memory;
  }

  newest(projectId: string): { readonly version: number; readonly kekId: string } | undefined {
    return this.#project(projectId);
  }

  isDestroyed(projectId: string, kekId: string): boolean {
    return this.#project(projectId)?.retired.includes(kekId) ?? false;
  }

  /** A key that was made. An older one than the newest changes nothing. */
  made(projectId: string, kekId: string, version: number): Promise<void> {
    return this.#change((keys) => {
      const known = keys.projects[projectId];
      if (known !== undefined && known.version >= version) return undefined;
      return withProject(keys, projectId, { retired: [], ...known, version, kekId });
    });
  }

  destroyed(projectId: string, kekId: string): Promise<void> {
    return this.#change((keys) => {
      const known = keys.projects[projectId];
      if (known === undefined || known.retired.includes(kekId)) return undefined;
      return withProject(keys, projectId, { ...known, retired: [...known.retired, kekId] });
    });
  }

  get shredded(): readonly string[] {
    return this.keys.shredded;
  }

  isShredded(kind: string, id: string): boolean {
    return this.keys.shredded.includes(`${kind}/${id}`);
  }

  /** Something was destroyed, and these versions with it. */
  shred(kind: string, id: string, versionIds: readonly string[]): Promise<void> {
    const names = [`${kind}/${id}`, ...versionIds.map((version) => `version/${version}`)];
    return this.#change((keys) => ({ ...keys, shredded: [...new Set([...keys.shredded, ...names])] }));
  }

  /** What was destroyed after this memory was backed up. */
  remember(destroyed: readonly string[]): Promise<void> {
    return this.#change((keys) => ({ ...keys, shredded: [...new Set([...keys.shredded, ...destroyed])] }));
  }

  /** The digest of the package that this certificate has received. */
  received(recipient: string): string | undefined {
    return Object.hasOwn(this.keys.received, recipient) ? this.keys.received[recipient] : undefined;
  }

  /** A project's keys came from elsewhere, and with them what was destroyed there. All of it or nothing. */
  adopt(
    projectId: string,
    { id: kekId, version }: { readonly id: string; readonly version: number },
    from: { readonly recipient: string; readonly digest: string; readonly destroyed: readonly string[] },
  ): Promise<void> {
    return this.#change((keys) => ({
      ...withProject(keys, projectId, { retired: [], version, kekId }),
      shredded: [...new Set([...keys.shredded, ...from.destroyed])],
      received: { ...keys.received, [from.recipient]: from.digest },
    }));
  }

  #project(projectId: string): z.infer<typeof Project> | undefined {
    return Object.hasOwn(this.keys.projects, projectId) ? this.keys.projects[projectId] : undefined;
  }

  #change(change: (keys: Keys) => Keys | undefined): Promise<void> {
    const changed = this.#turn.then(async () => {
      const next = change(this.keys);
      if (next === undefined) return;
      const isMore = next.shredded.length > this.keys.shredded.length;
      await this.file.write(JSON.stringify(next));
      this.keys = next;
      if (isMore) await this.publish(next.shredded);
    });
    this.#turn = changed.catch(() => undefined);
    return changed;
  }
}

function withProject(keys: Keys, projectId: string, project: z.infer<typeof Project>): Keys {
  return { ...keys, projects: { ...keys.projects, [projectId]: project } };
}
