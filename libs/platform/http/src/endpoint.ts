import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/internal';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { ZodObject, ZodType } from 'zod';

/** Who may call. Exactly one of the three is said; a route that says none doesn't start. */
export type EndpointAccess =
  /** A permission, "<action>:<subject>", that the application's `AccessControl` grants. */
  | { readonly permission: string; readonly public?: never; readonly peers?: never }
  /** Nobody is asked who they are. The reason stands for review. */
  | { readonly public: string; readonly permission?: never; readonly peers?: never }
  /** Roles of client certificates (mutual TLS). */
  | { readonly peers: readonly string[]; readonly permission?: never; readonly public?: never };

export interface EndpointShape {
  /** One line for the API document. */
  readonly summary: string;
  /** The body. Required for a route that takes `@Body()`. */
  readonly input?: ZodType;
  readonly query?: ZodObject;
  readonly params?: ZodObject;
  /** The answer: what isn't in the schema doesn't leave. Absent: the answer goes out as it is. */
  readonly output?: ZodType;
  /** Status on success. Default 200, and 204 for routes that declare it. */
  readonly status?: number;
  /** The body is a stream that nobody has touched, whatever its content type: take it with `@BodyStream()`. */
  readonly stream?: boolean;
}

export type EndpointDeclaration = EndpointAccess & EndpointShape;

export const endpointKey = 'castellan:endpoint';

/**
 * Declares a route in one place: who may call it, what goes in, what comes out.
 *
 * @example
 * @Post()
 * @Endpoint({ permission: 'create:Project', summary: 'Create a project', input: CreateProject, output: Project, status: 201 })
 * create(@Body() input: CreateProject, @CurrentActor() actor: Actor): Promise<Project> { … }
 */
export function Endpoint(declaration: EndpointDeclaration): MethodDecorator {
  const { status = 200, stream = false } = declaration;
  return applyDecorators(
    SetMetadata(endpointKey, declaration),
    HttpCode(status),
    attachSchemas(declaration),
    RouteConfig({ stream }),
  );
}

interface RouteArgument {
  readonly data?: unknown;
  readonly schema?: unknown;
}

/** Gives the declared schemas to the parameters that have none, where Nest's pipe and API document look for them. */
function attachSchemas({ input, query, params }: EndpointShape): MethodDecorator {
  const declared = new Map<number, ZodType | undefined>([
    [RouteParamtypes.BODY, input],
    [RouteParamtypes.QUERY, query],
    [RouteParamtypes.PARAM, params],
  ]);
  return (target, key) => {
    const handlerArguments = routeArguments(target.constructor, key);
    for (const [slot, argument] of Object.entries(handlerArguments)) {
      const whole = declared.get(Number(slot.split(':')[0]));
      if (argument.schema !== undefined || whole === undefined) continue;
      const schema = typeof argument.data === 'string' ? fieldOf(whole, argument.data) : whole;
      handlerArguments[slot] = { ...argument, schema };
    }
    Reflect.defineMetadata(ROUTE_ARGS_METADATA, handlerArguments, target.constructor, key);
  };
}

function routeArguments(controller: object, key: string | symbol): Record<string, RouteArgument> {
  const known: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, key);
  return known !== null && typeof known === 'object' ? { ...known } : {};
}

function fieldOf(whole: ZodType, field: string): ZodType | undefined {
  return 'shape' in whole ? ((whole as ZodObject).shape[field] as ZodType | undefined) : undefined;
}

/** Parameters of a handler that carry what the caller sent but no schema: their route doesn't start. */
export function uncheckedArguments(controller: object, key: string): string[] {
  const checked = new Map([
    [RouteParamtypes.BODY as number, 'body'],
    [RouteParamtypes.QUERY as number, 'query'],
  ]);
  return Object.entries(routeArguments(controller, key)).flatMap(([slot, { schema }]) => {
    const name = checked.get(Number(slot.split(':')[0]));
    return name === undefined || schema !== undefined ? [] : [name];
  });
}
