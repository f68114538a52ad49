import { Injectable } from '@nestjs/common';

/** Asks for a reserved question to be measured. Asking twice, or for one that is settled already, does no harm. */
@Injectable()
export abstract class MeasurementRequests {
  abstract request(entryId: string): Promise<void>;
}
