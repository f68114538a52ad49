/** Who this process is to the keybroker; releases are sealed to it. */
export class JobsPeer {
  constructor(readonly peer: string) {}
}
