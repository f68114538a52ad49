import { blobStoreConfig } from '@castellan/blob-store';
import { loadConfig, type ConfigOf, type Environment, type Setting } from '@castellan/config';
import { databaseConfig } from '@castellan/database';
import { kmsConfig } from '@castellan/kms';
import { queueConfig } from '@castellan/queue';
import { UpError } from './up-error.js';

/** Services of the owner's in the place of what the data folder would keep, named as our processes read them. */
const ownServicesConfig = {
  databaseUrl: optional(databaseConfig.url),
  blobUrl: optional(blobStoreConfig.url),
  kmsUrl: kmsConfig.url,
  kmsToken: kmsConfig.token,
  redisUrl: queueConfig.redisUrl,
};
export type OwnServices = Partial<ConfigOf<typeof ownServicesConfig>>;

/** What a folder keeps unless its owner's service does; what is in a queue comes and goes. */
const variables = { database: 'DATABASE_URL', blobs: 'BLOB_URL', keyStore: 'KMS_URL' } as const;
export type Part = keyof typeof variables;
export const parts = ['database', 'blobs', 'keyStore'] as const satisfies readonly Part[];

/** @throws ConfigError; UpError `aws_identity_shared` */
export function ownServices(environment: Environment): OwnServices {
  const { services } = loadConfig({ services: ownServicesConfig }, environment);
  if (services.blobUrl?.startsWith('s3:') === true && services.kmsUrl?.startsWith('aws-kms:') === true)
    throw new UpError(
      'aws_identity_shared',
      'invalid',
      'S3 and AWS KMS would share one identity here, and every process that reads files could decrypt keys. Keep one of ' +
        'them elsewhere, or run the processes apart.',
    );
  return services;
}

export function partsElsewhere({ databaseUrl, blobUrl, kmsUrl }: OwnServices): Part[] {
  const urls = { database: databaseUrl, blobs: blobUrl, keyStore: kmsUrl };
  return parts.filter((part) => urls[part] !== undefined);
}

/**
 * A folder's parts stay where its first start put them: an empty database in the place of a full one looks like loss.
 * @throws UpError `services_differ`
 */
export function requireSameParts(folder: string, before: readonly Part[], now: readonly Part[]): void {
  const differing = parts.find((part) => before.includes(part) !== now.includes(part));
  if (differing === undefined) return;
  const name = variables[differing];
  throw new UpError(
    'services_differ',
    'conflict',
    before.includes(differing)
      ? `${folder} was first started with ${name}, and a part of it is there. Set it again, or choose another folder.`
      : `${folder} was first started without ${name}, and keeps that part itself. Unset it, or choose another folder.`,
  );
}

/** For every process that reads or writes sealed files. */
export function storageSettings({ blobUrl }: OwnServices, environment: Environment): Record<string, string> {
  if (blobUrl === undefined) return {};
  return { BLOB_URL: blobUrl, ...(blobUrl.startsWith('s3:') && awsSettings(environment)) };
}

/** What opens the key store, for the keybroker alone. */
export function keyStoreSettings(
  { kmsUrl, kmsToken }: OwnServices,
  passphrase: string | undefined,
  environment: Environment,
): Record<string, string> {
  if (kmsUrl === undefined) return passphrase === undefined ? {} : { KMS_PASSPHRASE: passphrase };
  return {
    KMS_URL: kmsUrl,
    ...(kmsToken !== undefined && { KMS_TOKEN: kmsToken }),
    ...(kmsUrl.startsWith('aws-kms:') && awsSettings(environment)),
  };
}

/** What Amazon's client takes its region and credentials from. */
export function awsSettings(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && (name === 'HOME' || name.startsWith('AWS_')) ? [[name, value]] : [],
    ),
  );
}

function optional<T>(setting: Setting<T>): Setting<T | undefined> {
  return { ...setting, schema: setting.schema.optional() };
}
