import { Injectable } from '@nestjs/common';
import { OpenUploads } from '../versions/open-uploads.js';
import { BeginPartedUpload } from './begin-parted-upload.js';
import { CompletePartedUpload } from './complete-parted-upload.js';
import { DropPartedUpload } from './drop-parted-upload.js';
import { StorePart } from './store-part.js';

/** What can be done with a file that comes in by parts. */
@Injectable()
export class PartedUse {
  constructor(
    readonly begin: BeginPartedUpload,
    readonly storePart: StorePart,
    readonly complete: CompletePartedUpload,
    readonly drop: DropPartedUpload,
    readonly open: OpenUploads,
  ) {}
}
