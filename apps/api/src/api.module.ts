import { AccessModule, KeybrokerS3Secrets } from '@castellan/access';
import { AuditModule, KeybrokerPersonKeys, type RetentionConfig } from '@castellan/audit';
import { ComplianceModule, complianceRules } from '@castellan/compliance';
import type { BlobStore } from '@castellan/blob-store';
import { type Database, DatabaseModule } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { type PrivacyConfig, PrivacyModule, privacyRules } from '@castellan/privacy';
import { type QueueConfig, QueueModule } from '@castellan/queue';
import { type RegistryConfig, RegistryModule, registryRules } from '@castellan/registry';
import { DeploymentModule, servingRules } from '@castellan/serving';
import { KeybrokerKeyEncryptionKeys, KeyLifeModule, VaultModule, vaultRules } from '@castellan/vault';
import { type DynamicModule, Module } from '@nestjs/common';
import { AuditController } from './audit/audit.controller.js';
import { auditRules } from './audit/audit-rules.js';
import { LogController } from './audit/log.controller.js';
import { GatewayAddress } from './predict/gateway-address.js';
import { PredictController } from './predict/predict.controller.js';

export interface ApiParts {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly keybroker: KeybrokerClient;
  readonly queue: QueueConfig;
  readonly gatewayUrl: string;
  readonly registry: RegistryConfig;
  readonly retention: RetentionConfig;
  readonly privacy: PrivacyConfig;
}

@Module({})
class KeybrokerModule {
  static around(keybroker: KeybrokerClient): DynamicModule {
    return {
      module: KeybrokerModule,
      providers: [{ provide: KeybrokerClient, useValue: keybroker }],
      exports: [KeybrokerClient],
    };
  }
}

/** The control plane put together: every context with its routes, and nothing else. */
@Module({})
export class ApiModule {
  static of({
    database,
    blobs,
    keybroker,
    queue,
    gatewayUrl,
    registry,
    retention,
    privacy,
  }: ApiParts): DynamicModule {
    const personKeys = new KeybrokerPersonKeys(keybroker);
    const broker = KeybrokerModule.around(keybroker);
    const vault = VaultModule.forRoot({
      blobs,
      keyEncryptionKeys: new KeybrokerKeyEncryptionKeys(keybroker),
    });
    const audit = AuditModule.opening(personKeys);
    const imports = [audit, vault, broker, QueueModule.forRoot(queue)];
    return {
      module: ApiModule,
      imports: [
        DatabaseModule.around(database),
        AccessModule.forRoot(
          [registryRules, servingRules, privacyRules, vaultRules, auditRules, complianceRules],
          {
            imports: [audit],
            personKeys,
            s3Secrets: new KeybrokerS3Secrets(keybroker),
          },
        ),
        audit,
        RegistryModule.forRoot({ imports, config: registry }),
        DeploymentModule.forRoot({ imports }),
        PrivacyModule.forRoot({ imports, config: privacy }),
        KeyLifeModule.forRoot({ imports }),
        ComplianceModule.forRoot({ imports, retention }),
      ],
      controllers: [AuditController, LogController, PredictController],
      providers: [{ provide: GatewayAddress, useValue: new GatewayAddress(gatewayUrl) }],
    };
  }
}
