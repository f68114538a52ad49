import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { endpointKey, type EndpointDeclaration } from './endpoint.js';
import { HttpError } from './http-error.js';

/** Shapes each answer by the declared output schema: a column that nobody declared never leaves by accident. */
export class AnswerInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const declared = this.reflector.get<EndpointDeclaration | undefined>(endpointKey, context.getHandler());
    const schema = declared?.output;
    if (schema === undefined) return next.handle();
    return next.handle().pipe(
      map((answer: unknown) => {
        const shaped = schema.safeParse(answer);
        if (shaped.success) return shaped.data;
        throw new HttpError({
          code: 'answer_malformed',
          kind: 'internal',
          publicDetail: 'The answer could not be put in its declared form.',
          cause: shaped.error,
        });
      }),
    );
  }
}
