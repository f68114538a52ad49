import type { KeyObject } from 'node:crypto';
import type { DsseEnvelope } from '@castellan/contracts';
import { IN_TOTO_PAYLOAD_TYPE, signEnvelope } from '@castellan/dsse';

/** A statement's bytes under one signature, as the contracts carry it. */
export function signDocument(payload: Uint8Array<ArrayBuffer>, key: KeyObject): DsseEnvelope {
  const { signatures, ...envelope } = signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, key);
  return { ...envelope, signatures: [...signatures] };
}
