import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Environment } from '@castellan/config';
import type { DataFolder } from './data-folder.js';
import type { JoiningRole, JoinTokens } from './join-tokens.js';
import { tightHeap, tightMemory } from '../tight-memory.js';
import { keyStoreSettings, storageSettings, type OwnServices } from './own-services.js';
import { passedSettings } from './passed-settings.js';
import type { ProcessPlan } from './supervised-process.js';

export const appNames = ['keybroker', 'api', 'jobs', 'worker', 'gateway'] as const;
export type AppName = (typeof appNames)[number];

export interface Ports {
  readonly api: number;
  readonly gateway: number;
  readonly keybroker: number;
  readonly worker: number;
}

export interface PlanInput {
  readonly folder: DataFolder;
  readonly ports: Ports;
  readonly databaseUrl: string;
  readonly joinTokens: JoinTokens;
  /** For the keybroker alone. */
  readonly passphrase: string | undefined;
  readonly services: OwnServices;
  readonly bootstrapTokenHash: string;
  /** The supervisor's own: `passedSettings` says what of it goes on. */
  readonly environment: Environment;
  /** The program of an app. */
  readonly scriptOf: (name: AppName) => string;
}

/** Heap limits in MiB: together with native memory the whole stack stays under 1 GB. */
const HEAP_MIB: Readonly<Record<AppName, number>> = {
  keybroker: 128,
  api: 192,
  jobs: 256,
  worker: 512,
  gateway: 192,
};

/**
 * These parse SQL, seldom, with PostgreSQL's own parser as WebAssembly. Its largest function is so large that the optimising
 * compiler takes half a gigabyte for it, for a few seconds; the first compiler's code does.
 */
const unoptimisedWasm: readonly AppName[] = ['api', 'jobs'];

/** A program as the build leaves it: an app's process, the command line, or what the keybroker does out of the ordinary. */
export function builtApp(name: AppName | 'castellan' | 'new-log'): string {
  return fileURLToPath(new URL(`../../../../dist/${name}.js`, import.meta.url));
}

/** What each process is given, and nothing else: a process can't leak what it never had. */
export function processPlans(input: PlanInput): Record<AppName, ProcessPlan> {
  const { folder, ports, databaseUrl, services } = input;
  const database = { DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: '8' };
  const blobs = {
    BLOB_URL: pathToFileURL(folder.blobs).href,
    ...storageSettings(services, input.environment),
  };
  const queue = { ...(services.redisUrl !== undefined && { REDIS_URL: services.redisUrl }) };
  const environments: Record<AppName, Readonly<Record<string, string>>> = {
    keybroker: {
      ...database,
      KEYBROKER_PORT: String(ports.keybroker),
      KEYBROKER_DIR: folder.keybroker,
      ...keyStoreSettings(services, input.passphrase, input.environment),
      OFFICERS_FILE: folder.officersFile,
      JOIN_TOKENS: input.joinTokens.hashes(),
    },
    api: {
      ...database,
      ...blobs,
      ...queue,
      ...joining(input, 'api'),
      API_PORT: String(ports.api),
      GATEWAY_URL: `http://127.0.0.1:${ports.gateway}`,
      BOOTSTRAP_TOKEN_HASH: input.bootstrapTokenHash,
    },
    jobs: { ...database, ...blobs, ...queue, ...joining(input, 'jobs'), JOBS_PORT: '0' },
    worker: {
      ...blobs,
      ...joining(input, 'worker'),
      WORKER_PORT: String(ports.worker),
      WORKER_NAME: 'cpu-0',
    },
    gateway: {
      ...database,
      ...joining(input, 'gateway'),
      GATEWAY_PORT: String(ports.gateway),
      WORKER_URLS: `https://127.0.0.1:${ports.worker}`,
    },
  };
  const plan = (name: AppName): ProcessPlan => ({
    name,
    script: input.scriptOf(name),
    environment: {
      NODE_ENV: 'production',
      TMPDIR: folder.temporary,
      ...tightMemory,
      ...passedSettings(input.environment, name),
      ...environments[name],
    },
    nodeOptions: [
      `--max-old-space-size=${HEAP_MIB[name]}`,
      ...tightHeap,
      ...(unoptimisedWasm.includes(name) ? ['--liftoff-only'] : []),
      // A signal from the same account would open a debugger, and with it the memory.
      '--disable-sigusr1',
    ],
    workingFolder: folder.temporary,
    logFile: folder.logFile(name),
  });
  return {
    keybroker: plan('keybroker'),
    api: plan('api'),
    jobs: plan('jobs'),
    worker: plan('worker'),
    gateway: plan('gateway'),
  };
}

function joining({ folder, ports, joinTokens }: PlanInput, role: JoiningRole): Record<string, string> {
  return {
    KEYBROKER_URL: `https://127.0.0.1:${ports.keybroker}`,
    KEYBROKER_CA_FILE: folder.caFile,
    JOIN_TOKEN: joinTokens.of(role),
  };
}
