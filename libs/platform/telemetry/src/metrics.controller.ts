import { Endpoint } from '@castellan/http';
import { Controller, Get, Inject, Module, Res, type DynamicModule } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Metrics } from './metrics.js';

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  @Endpoint({
    public: 'Prometheus reads it from inside the network, on a port of its own',
    summary: 'Metrics',
  })
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.registry.contentType);
    return this.metrics.registry.metrics();
  }
}

/** An application of its own: `createHttpApp(MetricsModule.of(metrics))`, listening on the metrics port. */
@Module({})
export class MetricsModule {
  static of(metrics: Metrics): DynamicModule {
    return {
      module: MetricsModule,
      controllers: [MetricsController],
      providers: [{ provide: Metrics, useValue: metrics }],
    };
  }
}
