import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { WatchSettings } from '@castellan/contracts';
import { Database, type Prisma, type Tx } from '@castellan/database';

export type WatchPosition = Prisma.WatchPositionGetPayload<object>;

const ONLY = { id: 1 };
export const defaultSettings: WatchSettings = WatchSettings.parse({});

/** How far watching is, and what it is to watch for. Only `move` changes a position, and only from where it was. */
@Injectable()
export class WatchStore {
  constructor(private readonly database: Database) {}

  /** Where to go on. The first to ask begins at leaf 0; leaves below `signedSize` then only teach. */
  async position(signedSize: bigint): Promise<WatchPosition> {
    const known = await this.find();
    if (known !== null) return known;
    const begun = { ...ONLY, cursor: 0n, raiseFrom: signedSize, stateAt: 0n };
    await this.database.client.watchPosition.createMany({ data: [begun], skipDuplicates: true });
    return this.database.client.watchPosition.findUniqueOrThrow({ where: ONLY });
  }

  find(): Promise<WatchPosition | null> {
    return this.database.client.watchPosition.findUnique({ where: ONLY });
  }

  /** @returns false, and changes nothing, when somebody else has moved it meanwhile */
  async move(
    tx: Tx,
    from: bigint,
    to: { readonly cursor: bigint; readonly state: Uint8Array<ArrayBuffer> | undefined },
  ): Promise<boolean> {
    const { cursor, state } = to;
    const { count } = await tx.watchPosition.updateMany({
      where: { ...ONLY, cursor: from },
      data: { cursor, movedAt: new Date(), ...(state === undefined ? {} : { state, stateAt: cursor }) },
    });
    return count === 1;
  }

  /** Of every organization that has any. */
  async allSettings(): Promise<Map<string, WatchSettings>> {
    const rows = await this.database.client.watchSetting.findMany();
    return new Map(rows.map(({ organizationId, settings }) => [organizationId, readSettings(settings)]));
  }

  async settings(organizationId: string): Promise<WatchSettings> {
    const row = await this.database.client.watchSetting.findUnique({ where: { organizationId } });
    return readSettings(row?.settings);
  }

  /** @returns what they were */
  async change(tx: Tx, organizationId: string, after: WatchSettings): Promise<WatchSettings> {
    const rows = await tx.$queryRaw<{ settings: unknown }[]>`
      SELECT settings FROM "WatchSetting" WHERE "organizationId" = ${organizationId} FOR UPDATE`;
    await tx.watchSetting.upsert({
      where: { organizationId },
      create: { organizationId, settings: after },
      update: { settings: after },
    });
    return readSettings(rows[0]?.settings);
  }

  /** Who answers for what belongs to no organization, such as refused sign-ins: the one that was first. */
  async foundingOrganization(): Promise<string> {
    const first = await this.database.client.organization.findFirst({
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      select: { id: true },
    });
    return first?.id ?? '';
  }
}

/** Settings that nobody can read are the ordinary ones: whoever can write the row could also mute every rule. */
function readSettings(stored: unknown): WatchSettings {
  return WatchSettings.safeParse(stored).data ?? defaultSettings;
}

/** A short name of a subject: texts from the log are too long for an index. */
export function subjectDigest(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
