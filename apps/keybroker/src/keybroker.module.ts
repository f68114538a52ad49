import { CheckpointAuthority, ExpiryAuthority } from '@castellan/audit';
import { type DynamicModule, Module } from '@nestjs/common';
import { BudgetsController } from './budget/budgets.controller.js';
import { RaiseBudget } from './budget/raise-budget.js';
import { CheckpointsController } from './checkpoint/checkpoints.controller.js';
import { CarryOutDestruction } from './destruction/carry-out-destruction.js';
import { DestructionsController } from './destruction/destructions.controller.js';
import { OrderedDestructions } from './destruction/ordered-destructions.js';
import { EnrollProcess } from './enrollment/enroll-process.js';
import { EnrollmentController } from './enrollment/enrollment.controller.js';
import { ExpiryPermitsController } from './expiry/expiry-permits.controller.js';
import { CmsController } from './export/cms.controller.js';
import { ForwardingKeys } from './export/forwarding-keys.js';
import { ForwardingKeysController } from './export/forwarding-keys.controller.js';
import { S3Secrets } from './export/s3-secrets.js';
import { S3SecretsController } from './export/s3-secrets.controller.js';
import { SignExport } from './export/sign-export.js';
import { KeksController } from './keys/keks.controller.js';
import { PersonKeys } from './keys/person-keys.js';
import { PersonKeysController } from './keys/person-keys.controller.js';
import { ProjectKeys } from './keys/project-keys.js';
import { RetireKey } from './keys/retire-key.js';
import { RewrapDataKeys } from './keys/rewrap-data-keys.js';
import { JudgeDataRequest } from './release/judge-data-request.js';
import { JudgeVersion } from './release/judge-version.js';
import { ReleaseController } from './release/release.controller.js';
import { ReleaseKeys } from './release/release-keys.js';
import { ExportRoot } from './transfer/export-root.js';
import { ImportRoot } from './transfer/import-root.js';
import { OrderedExports } from './transfer/ordered-exports.js';
import { RootRecipients } from './transfer/root-recipients.js';
import { TransferController } from './transfer/transfer.controller.js';
import { DescribeTrust } from './trust/describe-trust.js';
import { HonourDocument } from './trust/honour-document.js';
import { TrustController } from './trust/trust.controller.js';

/** What the broker can be asked to do. */
export interface UseCases {
  readonly enrollProcess: EnrollProcess;
  readonly projectKeys: ProjectKeys;
  readonly personKeys: PersonKeys;
  readonly rewrapDataKeys: RewrapDataKeys;
  readonly retireKey: RetireKey;
  readonly orderedDestructions: OrderedDestructions;
  readonly carryOutDestruction: CarryOutDestruction;
  readonly orderedExports: OrderedExports;
  readonly exportRoot: ExportRoot;
  readonly rootRecipients: RootRecipients;
  readonly importRoot: ImportRoot;
  readonly honourDocument: HonourDocument;
  readonly describeTrust: DescribeTrust;
  readonly judgeVersion: JudgeVersion;
  readonly judgeDataRequest: JudgeDataRequest;
  readonly raiseBudget: RaiseBudget;
  readonly releaseKeys: ReleaseKeys;
  readonly checkpointAuthority: CheckpointAuthority;
  readonly expiryAuthority: ExpiryAuthority;
  readonly signExport: SignExport;
  readonly forwardingKeys: ForwardingKeys;
  readonly s3Secrets: S3Secrets;
}

@Module({})
export class KeybrokerModule {
  static around(useCases: UseCases): DynamicModule {
    return {
      module: KeybrokerModule,
      controllers: [
        EnrollmentController,
        KeksController,
        PersonKeysController,
        DestructionsController,
        TransferController,
        TrustController,
        ReleaseController,
        BudgetsController,
        CheckpointsController,
        ExpiryPermitsController,
        CmsController,
        ForwardingKeysController,
        S3SecretsController,
      ],
      providers: [
        { provide: EnrollProcess, useValue: useCases.enrollProcess },
        { provide: ProjectKeys, useValue: useCases.projectKeys },
        { provide: PersonKeys, useValue: useCases.personKeys },
        { provide: RewrapDataKeys, useValue: useCases.rewrapDataKeys },
        { provide: RetireKey, useValue: useCases.retireKey },
        { provide: OrderedDestructions, useValue: useCases.orderedDestructions },
        { provide: CarryOutDestruction, useValue: useCases.carryOutDestruction },
        { provide: OrderedExports, useValue: useCases.orderedExports },
        { provide: ExportRoot, useValue: useCases.exportRoot },
        { provide: RootRecipients, useValue: useCases.rootRecipients },
        { provide: ImportRoot, useValue: useCases.importRoot },
        { provide: HonourDocument, useValue: useCases.honourDocument },
        { provide: DescribeTrust, useValue: useCases.describeTrust },
        { provide: JudgeDataRequest, useValue: useCases.judgeDataRequest },
        { provide: JudgeVersion, useValue: useCases.judgeVersion },
        { provide: RaiseBudget, useValue: useCases.raiseBudget },
        { provide: ReleaseKeys, useValue: useCases.releaseKeys },
        { provide: CheckpointAuthority, useValue: useCases.checkpointAuthority },
        { provide: ExpiryAuthority, useValue: useCases.expiryAuthority },
        { provide: ForwardingKeys, useValue: useCases.forwardingKeys },
        { provide: S3Secrets, useValue: useCases.s3Secrets },
        { provide: SignExport, useValue: useCases.signExport },
      ],
    };
  }
}
