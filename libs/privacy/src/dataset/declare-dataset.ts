import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import type { CreateDataset, TableSource } from '@castellan/contracts';
import { Database, isUniqueViolation } from '@castellan/database';
import { parseDeclaration } from '../declaration/protected-table.js';
import { AllowedSources } from '../reference/allowed-sources.js';
import { endpointOf } from '../reference/bucket-address.js';
import { deltaLimitOf } from '../ledger/atto-delta.js';
import { limitIn } from '../ledger/accounting.js';
import { PrivacyLedger } from '../ledger/privacy-ledger.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { writeDocument } from './dataset-document.js';
import { type DatasetRow, DatasetStore } from './dataset-store.js';

/** Declares a protected dataset and opens its ledger. Columns, bounds and limit are fixed from here on. */
@Injectable()
export class DeclareDataset {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetStore,
    private readonly ledger: PrivacyLedger,
    private readonly allowed: AllowedSources,
    private readonly audit: AuditLog,
  ) {}

  /** @throws declaration_invalid, accounting_differs, source_not_allowed, source_taken, project_unknown, dataset_name_taken, not_permitted */
  async execute(
    actor: Actor,
    { project, name, declaration, epsilonLimit, rhoLimit, deltaLimit, subLimits }: CreateDataset,
  ): Promise<DatasetRow> {
    const { accounting } = parseDeclaration(name, declaration);
    const limits = {
      limitPico: limitIn(accounting, { epsilonLimit, rhoLimit }),
      limitAtto: deltaLimitOf(deltaLimit),
    };
    for (const { epsilon, rho, delta } of Object.values(subLimits ?? {})) {
      limitIn(accounting, { epsilonLimit: epsilon, rhoLimit: rho });
      deltaLimitOf(delta);
    }
    const { organizationId, organizationName: organization, personId } = actor;
    const sourceTable = await this.sourceTable(organizationId, declaration);
    const stated = rhoLimit === undefined ? { epsilonLimit } : { rhoLimit };
    const { text, digest } = writeDocument({
      organization,
      project,
      name,
      declaration,
      ...stated,
      ...(deltaLimit === undefined ? {} : { deltaLimit }),
      ...(subLimits === undefined ? {} : { subLimits }),
    });
    return this.database
      .transaction(async (tx) => {
        const found = await this.datasets.projectByName(tx, organizationId, project);
        if (found === null) throw projectUnknown(project);
        requireAbility(actor, 'create', 'Dataset', { organizationId, projectId: found.id });
        const dataset = await this.datasets.create(tx, {
          organizationId,
          projectId: found.id,
          name,
          stewardId: personId,
          declaration: text,
          declarationDigest: digest,
          sourceTable,
        });
        await this.ledger.open(tx, dataset.id, limits);
        await this.audit.append(
          tx,
          privacyEvents.declared(actor, dataset, { ...stated, deltaLimit }, declaration.purpose),
        );
        return dataset;
      })
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? nameTaken(name) : error;
      });
  }

  /** One table has one budget, as far as names can tell: another name of the same server is another table here. */
  private async sourceTable(
    organizationId: string,
    { source }: CreateDataset['declaration'],
  ): Promise<string | null> {
    if (source === undefined) return null;
    this.allowed.require(source);
    const text = canonicalize(nameOf(source));
    const taken = await this.datasets.sameTable(organizationId, text);
    if (taken === null) return text;
    throw new PrivacyError('source_taken', {
      kind: 'conflict',
      publicDetail: `The dataset "${taken.name}" is this table already, with a budget of its own. Ask that one.`,
    });
  }
}

function nameOf(source: TableSource): (string | number)[] {
  if (source.kind === 's3') return [source.kind, endpointOf(source), source.bucket, source.key];
  const { kind, host, port, database, schema, table } = source;
  return [kind, host.toLowerCase(), port, database, schema, table];
}

function projectUnknown(name: string): PrivacyError {
  return new PrivacyError('project_unknown', {
    kind: 'not_found',
    publicDetail: `Your organisation has no project "${name}".`,
  });
}

function nameTaken(name: string): PrivacyError {
  return new PrivacyError('dataset_name_taken', {
    kind: 'conflict',
    publicDetail: `A dataset called "${name}" exists already. New data are a new dataset.`,
  });
}
