import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

/** The OpenAPI document of an application, from the same schemas that check its requests. */
export function openApiDocument(
  nest: NestFastifyApplication,
  { title, version, description }: OpenApiOptions,
): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle(title)
    .setVersion(version)
    .setDescription(description)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key' })
    .build();
  return SwaggerModule.createDocument(nest, about);
}
