import type { ZodType } from 'zod';
import { readAnswer, readRefusal } from './call.js';
import { answerUnreadable, unreachable } from './refusal.js';

export interface Sending {
  readonly method: 'PUT' | 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Blob;
  readonly onSent: (sentBytes: number) => void;
}

/** Sends bytes and tells how many have left. `fetch` can't tell, so this is an XMLHttpRequest. @throws Refusal */
export function sendBytes({ method, path, headers, body, onSent }: Sending): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      const { status, responseText } = request;
      if (status >= 200 && status < 300) resolve(request);
      else reject(readRefusal(status, responseText));
    };
    request.send(body);
  });
}

/** PUTs a file whole. @throws Refusal */
export async function upload<T>(
  path: string,
  body: Blob,
  contract: ZodType<T>,
  onSent: (sentBytes: number) => void,
): Promise<T> {
  const headers = { 'content-type': 'application/octet-stream' };
  const { status, responseText } = await sendBytes({ method: 'PUT', path, headers, body, onSent });
  try {
    return readAnswer(status, responseText, contract);
  } catch {
    throw answerUnreadable(status);
  }
}
