import { Problem } from '@castellan/contracts';
import type { ZodType } from 'zod';
import { answerUnreadable, Refusal, unreachable } from './refusal.js';

export interface CallOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** A body that is taken as it comes, and not as JSON. */
  readonly text?: string;
  readonly signal?: AbortSignal;
}

/** One call to the api with the session cookie; the answer is read through its contract. @throws Refusal */
export async function call<T>(path: string, contract: ZodType<T>, options: CallOptions = {}): Promise<T> {
  const answer = await send(path, options);
  return readAnswer(answer.status, await answer.text(), contract);
}

/** A call whose answer is not JSON, or empty. @throws Refusal */
export async function send(
  path: string,
  { method = 'GET', json, text, headers = {}, signal }: CallOptions = {},
): Promise<Response> {
  const answer = await fetch(path, {
    method,
    credentials: 'same-origin',
    ...(signal === undefined ? {} : { signal }),
    headers: {
      ...headers,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(text === undefined ? {} : { 'content-type': 'application/octet-stream' }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(text === undefined ? {} : { body: text }),
  }).catch((cause: unknown) => {
    throw signal?.aborted === true ? cause : unreachable();
  });
  if (answer.ok) return answer;
  throw readRefusal(answer.status, await answer.text());
}

/** @throws Refusal `answer_unreadable` when the text is not what the contract says. */
export function readAnswer<T>(status: number, text: string, contract: ZodType<T>): T {
  const read = contract.safeParse(readJson(text));
  if (!read.success) throw answerUnreadable(status);
  return read.data;
}

export function readRefusal(status: number, text: string): Refusal {
  const problem = Problem.safeParse(readJson(text));
  if (!problem.success) return answerUnreadable(status);
  const { code, detail, errors } = problem.data;
  return new Refusal(status, code, detail, errors);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
