import { Injectable } from '@nestjs/common';

/** Asks for a version to be scanned. Asking twice, or asking for one that is scanned already, does no harm. */
@Injectable()
export abstract class ScanRequests {
  abstract request(versionId: string): Promise<void>;
}
