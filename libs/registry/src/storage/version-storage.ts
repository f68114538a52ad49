import { Injectable } from '@nestjs/common';
import { LooseBlobs } from './loose-blobs.js';
import { ProjectUsage } from './project-usage.js';

/** What stands around every stored blob: the book of loose ones, and the project's quota. */
@Injectable()
export class VersionStorage {
  constructor(
    readonly loose: LooseBlobs,
    readonly usage: ProjectUsage,
  ) {}
}
