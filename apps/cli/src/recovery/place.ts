import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig, type Environment } from '@castellan/config';
import type { Invocation } from '../invocation.js';
import type { DataFolder } from '../up/data-folder.js';
import { awsSettings, type OwnServices } from '../up/own-services.js';
import { servicesConfig } from './services.config.js';

/** Where the parts of an installation are, and how its key store opens. */
export interface Place {
  readonly databaseUrl: string;
  readonly blobUrl: string;
  readonly brokerFolder: string;
  readonly kmsFile: string;
  /** Of a key store elsewhere. */
  readonly kmsUrl: string | undefined;
  readonly kmsToken: string | undefined;
  /** Of the local key store. */
  readonly passphrase: string | undefined;
}

/** In one folder, as `castellan up` has it, but for what its owner's services keep. */
export function placeIn(
  folder: DataFolder,
  databaseUrl: string,
  passphrase: string | undefined,
  services: OwnServices,
): Place {
  return {
    databaseUrl,
    blobUrl: services.blobUrl ?? pathToFileURL(folder.blobs).href,
    brokerFolder: folder.keybroker,
    kmsFile: join(folder.keybroker, 'kms.json'),
    kmsUrl: services.kmsUrl,
    kmsToken: services.kmsToken,
    passphrase,
  };
}

/** Services of their own, which the environment names as it does for our processes. @throws ConfigError */
export function placeOfServices({ surroundings }: Invocation): Place {
  const { database, blobs, kms, broker } = loadConfig(servicesConfig, surroundings.environment);
  return {
    databaseUrl: database.url,
    blobUrl: blobs.url,
    brokerFolder: broker.folder,
    kmsFile: broker.kmsFile ?? join(broker.folder, 'kms.json'),
    kmsUrl: kms.url,
    kmsToken: kms.token,
    passphrase: broker.passphrase,
  };
}

/** The keybroker's settings, for a program of its own. */
export function brokerEnvironment(place: Place, environment: Environment): Record<string, string> {
  const settings = {
    DATABASE_URL: place.databaseUrl,
    KEYBROKER_DIR: place.brokerFolder,
    KMS_FILE: place.kmsUrl === undefined ? place.kmsFile : undefined,
    KMS_URL: place.kmsUrl,
    KMS_TOKEN: place.kmsToken,
    KMS_PASSPHRASE: place.passphrase,
    ...(place.kmsUrl?.startsWith('aws-kms:') === true && awsSettings(environment)),
  };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
