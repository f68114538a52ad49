import { z } from 'zod';
import type { SigningKey } from './signing-key.js';

const DATABASE = 'castellan';
const STORE = 'signing-keys';

const StoredKey = z.object({
  keyId: z.string(),
  createdAt: z.string(),
  keys: z.object({ publicKey: z.instanceof(CryptoKey), privateKey: z.instanceof(CryptoKey) }),
});

/** One key a person, kept by this browser's IndexedDB for this address of the console. */
export async function loadKey(personId: string): Promise<SigningKey | null> {
  const stored = StoredKey.safeParse(await within('readonly', (store) => store.get(personId)));
  return stored.success ? stored.data : null;
}

export async function keepKey(personId: string, key: SigningKey): Promise<void> {
  await within('readwrite', (store) => store.put(key, personId));
}

export async function forgetKey(personId: string): Promise<void> {
  await within('readwrite', (store) => store.delete(personId));
}

async function within(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const database = await open();
  try {
    return await answerOf(ask(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return answerOf(opening);
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });
}
