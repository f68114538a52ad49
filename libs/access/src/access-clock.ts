/** What time it is, for expiry. */
export abstract class AccessClock {
  abstract now(): Date;
}

export class SystemAccessClock extends AccessClock {
  override now(): Date {
    return new Date();
  }
}
