import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { type EndpointDeclaration, endpointKey } from './endpoint.js';

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

type Swagger = typeof import('@nestjs/swagger');

/**
 * The OpenAPI document of an application, from the same schemas that check its requests. What makes it is loaded here:
 * most processes are never asked.
 */
export async function openApiDocument(
  nest: NestFastifyApplication,
  { title, version, description }: OpenApiOptions,
): Promise<OpenAPIObject> {
  const swagger = await import('@nestjs/swagger');
  describeEndpoints(nest, swagger);
  const about = new swagger.DocumentBuilder()
    .setTitle(title)
    .setVersion(version)
    .setDescription(description)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key' })
    .build();
  return swagger.SwaggerModule.createDocument(nest, about);
}

/** Says to Swagger what each `@Endpoint` of the application declares. */
function describeEndpoints(nest: NestFastifyApplication, swagger: Swagger): void {
  for (const module of nest.get(ModulesContainer).values())
    for (const { metatype } of module.controllers.values()) {
      const methods: object = typeof metatype === 'function' ? metatype.prototype : {};
      for (const [key, method] of Object.entries(Object.getOwnPropertyDescriptors(methods))) {
        if (typeof method.value !== 'function') continue;
        const declared: EndpointDeclaration | undefined = Reflect.getMetadata(endpointKey, method.value);
        if (declared !== undefined) describe(declared, swagger)(methods, key, method);
      }
    }
}

function describe(declared: EndpointDeclaration, { ApiOperation, ApiResponse }: Swagger): MethodDecorator {
  const { summary, permission, stream = false, status = 200, output } = declared;
  const operation = ApiOperation({
    summary,
    ...(permission === undefined ? {} : { description: `Needs \`${permission}\`.` }),
    ...(stream ? { requestBody: { content: { 'application/octet-stream': {} } } } : {}),
  });
  const response = ApiResponse(output === undefined ? { status } : { status, standardSchema: output });
  return (...method) => {
    operation(...method);
    response(...method);
  };
}
