import { pino, type DestinationStream, type Logger } from 'pino';
import { redactedPaths } from './redaction.js';
import type { TelemetryConfig } from './telemetry.config.js';

export interface LogIdentity {
  /** The process: api, gateway, worker … */
  readonly service: string;
  /** Which of several, such as cpu-0. */
  readonly instance?: string;
}

/** One JSON object a line, with time in ISO 8601 UTC. Members that look like secrets are replaced. */
export function structuredLog(
  { service, instance }: LogIdentity,
  { logLevel }: Pick<TelemetryConfig, 'logLevel'>,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: logLevel,
    base: { service, ...(instance === undefined ? {} : { instance }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    messageKey: 'message',
    errorKey: 'error',
    serializers: { err: describeError, error: describeError },
    redact: { paths: redactedPaths, censor: '[redacted]' },
  };
  return pino(options, destination ?? standardOutput());
}

interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
}

/** Name, message, code, stack and causes; other properties of an error (a driver's query, its parameters) stay out. */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (error === null || typeof error !== 'object') return { type: typeof error, message: String(error) };
  const text = (member: string): string | undefined => {
    const value: unknown = Reflect.get(error, member);
    return typeof value === 'string' ? value : undefined;
  };
  const code = text('code');
  const stack = text('stack');
  const cause: unknown = Reflect.get(error, 'cause');
  return {
    type: text('name') ?? 'Error',
    message: text('message') ?? '',
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth > 4 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

/**
 * Not pino's own destination: on its way out that one writes again and again to a pipe whose reader is gone, so that a
 * process whose supervisor was killed would never end.
 */
function standardOutput(): DestinationStream {
  if (!process.stdout.listeners('error').includes(nobodyReads)) process.stdout.on('error', nobodyReads);
  return process.stdout;
}

/** A log that nobody reads is no reason to stop. */
function nobodyReads(): void {}
