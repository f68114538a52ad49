import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { CarryOutErasures, collectedErasures } from './carry-out-erasures.js';
import { eraseAccessRows, type EraseRows } from './erase-rows.js';

/** What is done about erased people in rows, for jobs. `imports` bring AuditLog and KeybrokerClient. */
@Module({})
export class ErasureModule {
  static forRoot(
    erasures: readonly EraseRows[],
    { imports = [] }: Pick<ModuleMetadata, 'imports'>,
  ): DynamicModule {
    return {
      module: ErasureModule,
      imports,
      // Access's own comes last: by the person's row it is known that all is done.
      providers: [{ provide: collectedErasures, useValue: [...erasures, eraseAccessRows] }, CarryOutErasures],
      exports: [CarryOutErasures],
    };
  }
}
