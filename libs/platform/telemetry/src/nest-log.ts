import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

type Level = 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal';

/** Nest's own messages, and ours through Nest's `Logger`, as lines of the structured log. */
export class NestLog implements LoggerService {
  constructor(private readonly log_: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  /**
   * Nest calls `(message, …more, context)`. A first argument that is an object carries members and the next string is the
   * message: `logger.error({ requestId, err }, 'why')`.
   */
  #write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const texts = rest.filter((argument) => typeof argument === 'string');
    const context = texts.at(-1);
    if (message !== null && typeof message === 'object' && !(message instanceof Error)) {
      const why = texts.length > 1 ? texts[0] : undefined;
      this.log_[level]({ context, ...message }, why);
      return;
    }
    const error = [message, ...rest].find((argument) => argument instanceof Error);
    const stack = level === 'error' && texts.length > 1 ? texts[0] : undefined;
    this.log_[level]({ context, ...(error && { err: error }), ...(stack && { stack }) }, String(message));
  }
}
