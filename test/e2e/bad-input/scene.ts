import { expect } from '@jest/globals';
import type { Version } from '@castellan/contracts';
import { Cast } from '../../support/cast.js';
import { eventually } from '../../support/eventually.js';
import { digitImages, fixture } from '../../support/fixtures.js';
import { holdingsOf } from '../../support/holdings.js';
import { refusalOf, type Refusal } from '../../support/refusal.js';
import { dataFolder, removeDataFolder, RunningCastellan } from '../../support/running-castellan.js';

/** One installation for all bad input: people, and a model that is approved and served as `digits`. */
export class Scene {
  private constructor(
    readonly castellan: RunningCastellan,
    readonly cast: Cast,
    readonly served: Version,
    /** A picture that the model takes. */
    readonly image: readonly number[],
  ) {}

  static async open(): Promise<Scene> {
    const castellan = await RunningCastellan.up(await dataFolder());
    const cast = await Cast.assemble(castellan);
    const served = await cast.publish('digits', { 'model.h5': await fixture('digits/digits-keras3.h5') });
    await cast.approve(served.id);
    await cast.admin.api.createDeployment({ name: 'digits', version: served.id });
    await eventually('digits is ready', async () => {
      const { phase } = await cast.admin.api.deployment('digits');
      return phase === 'ready' || undefined;
    });
    const [image = []] = await digitImages();
    return new Scene(castellan, cast, served, image);
  }

  /** Expects to be refused, and that nothing is kept of the attempt: no row, no blob, nothing of a budget. */
  async refusedWithoutTrace(attempt: () => Promise<unknown>): Promise<Refusal> {
    const before = await holdingsOf(this.castellan);
    const refusal = await refusalOf(attempt);
    expect(await holdingsOf(this.castellan)).toEqual(before);
    return refusal;
  }

  /** A request as anybody's HTTP client could send it, and the problem that answers it. */
  async problemOf(url: string, request: RequestInit): Promise<unknown> {
    const response = await fetch(url, request);
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('application/problem+json')) return response.json();
    return { status: response.status, type, text: await response.text() };
  }

  /** Nothing is left of it, nor of what it started. */
  async close(): Promise<void> {
    expect(await this.castellan.down()).toBe(0);
    await removeDataFolder(this.castellan.data);
  }
}
