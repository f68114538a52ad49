/** Where the gateway listens. */
export class GatewayAddress {
  constructor(readonly url: string) {}
}
