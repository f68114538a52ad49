/** The limits that a request meets. */
export class WorkerConfigured {
  constructor(readonly maxRequestBytes: number) {}
}
