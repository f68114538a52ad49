import { TrainedVersions, type TrainingAuthor } from '@castellan/privacy';
import { PublishFiles } from '@castellan/registry';
import { Injectable } from '@nestjs/common';

/** Trained models go into the registry: sealed here, scanned and reviewed like what anybody uploads. */
@Injectable()
export class PublishedTrainings extends TrainedVersions {
  constructor(private readonly publishFiles: PublishFiles) {
    super();
  }

  publish({ personId }: TrainingAuthor, model: string, files: ReadonlyMap<string, Uint8Array>) {
    return this.publishFiles.execute(personId, model, files);
  }
}
