import { RegistryError } from '../registry-error.js';

export function uploadUnknown(): RegistryError {
  return new RegistryError('upload_unknown', {
    kind: 'not_found',
    publicDetail: 'There is no such upload. It was given up, or another one of the same path was begun.',
  });
}

export function offsetConflict(offsetBytes: bigint): RegistryError {
  return new RegistryError('upload_offset_conflict', {
    kind: 'conflict',
    publicDetail: `The upload ends at byte ${offsetBytes}; what was sent doesn't begin there. Go on from where it ends.`,
    meta: { offset: Number(offsetBytes) },
  });
}

export function overtaken(): RegistryError {
  return new RegistryError('upload_overtaken', {
    kind: 'conflict',
    publicDetail: 'Somebody else went on with the same upload; this piece was ended where it was.',
  });
}
