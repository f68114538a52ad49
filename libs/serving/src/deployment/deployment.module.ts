import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { VersionStore } from '@castellan/registry';
import { CreateDeployment } from './create-deployment.js';
import { DeploymentController } from './deployment.controller.js';
import { DeploymentStore } from './deployment-store.js';
import { StopDeployment } from './stop-deployment.js';

/** Deployments over HTTP, for the api. Needs Database and, by `imports` or a global module, AuditLog. */
@Module({})
export class DeploymentModule {
  static forRoot({ imports = [] }: Pick<ModuleMetadata, 'imports'> = {}): DynamicModule {
    return {
      module: DeploymentModule,
      imports,
      controllers: [DeploymentController],
      providers: [DeploymentStore, VersionStore, CreateDeployment, StopDeployment],
    };
  }
}
