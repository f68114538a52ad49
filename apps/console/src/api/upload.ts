import type { ZodType } from 'zod';
import { readAnswer, readRefusal } from './call.js';
import { answerUnreadable, unreachable } from './refusal.js';

/** PUTs a file's bytes and tells how many have left. `fetch` can't tell, so this is an XMLHttpRequest. @throws Refusal */
export function upload<T>(
  path: string,
  file: Blob,
  contract: ZodType<T>,
  onSent: (sentBytes: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', path);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      const { status, responseText } = request;
      if (status < 200 || status >= 300) return reject(readRefusal(status, responseText));
      try {
        resolve(readAnswer(status, responseText, contract));
      } catch {
        reject(answerUnreadable(status));
      }
    };
    request.send(file);
  });
}
