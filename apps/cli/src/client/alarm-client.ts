import { Alarm, AlarmList, Watching, type WatchSettings } from '@castellan/contracts';
import type { HttpConnection } from './http-connection.js';

const path = '/api/v1/audit/alarms';
const watchingPath = '/api/v1/audit/watching';

/** Alarms of the signed-in person's organization. */
export class AlarmClient {
  constructor(private readonly connection: HttpConnection) {}

  list(filter: Readonly<Record<string, string | undefined>>) {
    const given = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return this.connection.json(AlarmList, 'GET', `${path}?${new URLSearchParams(given)}`);
  }

  show(id: string) {
    return this.connection.json(Alarm, 'GET', `${path}/${encodeURIComponent(id)}`);
  }

  acknowledge(id: string, reason: string) {
    const json = { reason };
    return this.connection.json(Alarm, 'POST', `${path}/${encodeURIComponent(id)}/acknowledge`, { json });
  }

  watching() {
    return this.connection.json(Watching, 'GET', watchingPath);
  }

  change(settings: WatchSettings) {
    return this.connection.json(Watching, 'PUT', watchingPath, { json: settings });
  }
}
