import {
  CreatePerson as CreatePersonRequest,
  ErasureRemains,
  Id,
  Person,
  PersonList,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { visible } from '../ability/ability.js';
import type { Actor } from '../actor.js';
import { CurrentActor } from '../authentication/current-actor.js';
import { CreatePerson } from './create-person.js';
import { DisablePerson } from './disable-person.js';
import { PersonStore } from './person-store.js';
import { showPerson } from './show-person.js';

@Controller('api/v1/people')
export class PersonController {
  constructor(
    private readonly people: PersonStore,
    private readonly createPerson: CreatePerson,
    private readonly disablePerson: DisablePerson,
  ) {}

  @Post()
  @Endpoint({
    permission: 'create:Person',
    summary: 'Enter a person, with roles',
    input: CreatePersonRequest,
    output: Person,
    status: 201,
  })
  async create(@Body() request: CreatePersonRequest, @CurrentActor() actor: Actor): Promise<Person> {
    return showPerson(await this.createPerson.execute(actor, request));
  }

  @Get()
  @Endpoint({ permission: 'read:Person', summary: 'List people', output: PersonList })
  async list(@CurrentActor() actor: Actor): Promise<{ people: Person[] }> {
    return { people: (await this.people.visible(visible(actor, 'Person'))).map(showPerson) };
  }

  @Get(':id/erasure')
  @Endpoint({
    permission: 'read:Person',
    summary: 'Where the name of a person would stay after an erasure',
    params: z.object({ id: Id }),
    output: ErasureRemains,
  })
  remains(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<ErasureRemains> {
    return this.people.remains(visible(actor, 'Person'), id);
  }

  @Post(':id/disable')
  @Endpoint({
    permission: 'disable:Person',
    summary: 'Shut a person out, with every session and key',
    params: z.object({ id: Id }),
    output: Person,
  })
  async disable(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<Person> {
    return showPerson(await this.disablePerson.execute(actor, id));
  }
}
