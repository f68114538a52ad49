import {
  MakePersonKeyRequest,
  OpenedPersonKeys,
  OpenPersonKeysRequest,
  SealedPersonKey,
} from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Post } from '@nestjs/common';
import { PersonKeys } from './person-keys.js';

@Controller('v1/person-keys')
export class PersonKeysController {
  constructor(private readonly personKeys: PersonKeys) {}

  @Post()
  @Endpoint({
    peers: ['api', 'gateway'],
    summary: 'A new key for the personal attributes of one person',
    input: MakePersonKeyRequest,
    output: SealedPersonKey,
  })
  make(@Body() { personId }: MakePersonKeyRequest, @CurrentPeer() peer: Peer): Promise<SealedPersonKey> {
    return this.personKeys.make(personId, peer);
  }

  @Post('open')
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: 'The private halves of people’s keys; those of people who were erased are left out',
    input: OpenPersonKeysRequest,
    output: OpenedPersonKeys,
  })
  async open(@Body() { keys }: OpenPersonKeysRequest, @CurrentPeer() peer: Peer): Promise<OpenedPersonKeys> {
    const opened = await this.personKeys.open(keys, peer);
    const shown = [...opened].map(([personId, key]) => {
      const privateKey = key.toString('base64');
      key.fill(0);
      return { personId, privateKey };
    });
    return { keys: shown };
  }
}
