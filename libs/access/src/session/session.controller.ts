import { Me, SignIn } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Delete, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../actor.js';
import { CurrentActor } from '../authentication/current-actor.js';
import { assertSameSite, cookie, sessionCookie } from '../authentication/presented-credential.js';
import { PersonStore, type PersonRow } from '../people/person-store.js';
import { showRoles } from '../people/show-person.js';
import { CloseSession } from './close-session.js';
import { OpenSession } from './open-session.js';

@Controller('api/v1')
export class SessionController {
  constructor(
    private readonly openSession: OpenSession,
    private readonly closeSession: CloseSession,
    private readonly people: PersonStore,
  ) {}

  @Post('session')
  @Endpoint({
    public: 'this is where people show who they are',
    summary: 'Sign in with a one-time link',
    input: SignIn,
    output: Me,
  })
  async open(
    @Body() { token }: SignIn,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Me> {
    assertSameSite(request);
    const origin = { requestId: request.id, source: request.ip };
    const { secret, expiresAt, person } = await this.openSession.execute(
      token,
      cookie(request, sessionCookie),
      origin,
    );
    setSessionCookie(request, reply, secret, expiresAt);
    return showMe(person);
  }

  @Delete('session')
  @Endpoint({ permission: 'read:Me', summary: 'Sign out', status: 204 })
  async close(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.closeSession.execute(actor);
    setSessionCookie(request, reply, '', new Date(0));
  }

  @Get('me')
  @Endpoint({ permission: 'read:Me', summary: 'Who I am', output: Me })
  async me(@CurrentActor() { personId }: Actor): Promise<Me> {
    return showMe(await this.people.byId(personId));
  }
}

function showMe({ id, name, displayName, organization, bindings }: PersonRow): Me {
  return { id, name, displayName, organization: organization.name, roles: showRoles(bindings) };
}

/** Out of reach of scripts and of other sites; over TLS it never leaves TLS. */
function setSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string, expires: Date): void {
  const attributes = [
    `${sessionCookie}=${secret}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Expires=${expires.toUTCString()}`,
    ...(request.protocol === 'https' ? ['Secure'] : []),
  ];
  void reply.header('set-cookie', attributes.join('; '));
}
