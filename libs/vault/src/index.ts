export { dataKeyContext, unwrapDataKey, wrapDataKey, type DataKeySubject } from './data-key-wrapping.js';
export { DataKeys, type DataKeyInHand } from './data-keys.js';
export { KeyEncryptionKeys, type KeyEncryptionKeyInUse } from './key-encryption-keys.js';
export { sealedFileContext } from './sealed-file-context.js';
export { SealedStore, type FileToSeal, type SealedFile } from './sealed-store.js';
export { unsealFile, type FileToUnseal, type UnsealedFile } from './unseal-file.js';
export { VaultError, type VaultErrorCode } from './vault-error.js';
export { VaultModule, type VaultAdapters } from './vault.module.js';
