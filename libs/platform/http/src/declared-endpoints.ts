import { PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, type NestApplication } from '@nestjs/core';
import type { AccessControl } from './access-control.js';
import { endpointKey, uncheckedArguments, type EndpointDeclaration } from './endpoint.js';
import { HttpError } from './http-error.js';

export interface DeclaredEndpoint {
  /** "ProjectsController.create" */
  readonly handler: string;
  readonly declaration: EndpointDeclaration;
}

/**
 * Every route of the application with its declaration.
 * @throws `endpoint_undeclared`, naming all routes without `@Endpoint` and all bodies and queries without a schema.
 */
export function declaredEndpoints(app: Pick<NestApplication, 'get'>): DeclaredEndpoint[] {
  const scanner = new MetadataScanner();
  const faults: string[] = [];
  const endpoints: DeclaredEndpoint[] = [];
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prototype: object = metatype.prototype;
      for (const method of scanner.getAllMethodNames(prototype)) {
        const handler: unknown = Reflect.get(prototype, method);
        if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) continue;
        const name = `${metatype.name}.${method}`;
        const declaration: EndpointDeclaration | undefined = Reflect.getMetadata(endpointKey, handler);
        if (declaration === undefined) {
          faults.push(`${name} has no @Endpoint`);
          continue;
        }
        for (const argument of uncheckedArguments(metatype, method)) {
          faults.push(`${name} takes a ${argument} without a schema`);
        }
        endpoints.push({ handler: name, declaration });
      }
    }
  }
  if (faults.length > 0) {
    throw new HttpError({
      code: 'endpoint_undeclared',
      kind: 'internal',
      publicDetail: `Some routes may not start: ${faults.join('; ')}.`,
    });
  }
  return endpoints;
}

/** @throws `endpoint_undeclared` when routes name permissions but nothing in the application judges them */
export function assertJudged(
  endpoints: readonly DeclaredEndpoint[],
  accessControl: AccessControl | undefined,
): void {
  const unjudged = endpoints.find(({ declaration }) => declaration.permission !== undefined);
  if (unjudged === undefined || accessControl !== undefined) return;
  throw new HttpError({
    code: 'endpoint_undeclared',
    kind: 'internal',
    publicDetail: `${unjudged.handler} needs a permission, but the application provides no AccessControl.`,
  });
}
