import { Injectable } from '@nestjs/common';
import { isRowId } from '../row-id.js';
import type { VersionRow } from '../versions/version-store.js';
import { uploadUnknown } from './upload-refusals.js';
import { type UploadRow, UploadStore } from './upload-store.js';

/** Uploads of a version that the asker was found to be allowed to publish. */
@Injectable()
export class FindUploads {
  constructor(private readonly uploads: UploadStore) {}

  /** @throws upload_unknown */
  async one({ id }: VersionRow, uploadId: string): Promise<UploadRow> {
    const upload = isRowId(uploadId) ? await this.uploads.find(id, uploadId) : null;
    if (upload === null) throw uploadUnknown();
    return upload;
  }

  unfinished({ id }: VersionRow): Promise<UploadRow[]> {
    return this.uploads.unfinishedOf(id);
  }
}
