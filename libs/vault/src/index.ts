export {
  dataKeyContext,
  readDataKeyContext,
  unwrapDataKey,
  wrapDataKey,
  type DataKeySubject,
} from './data-key-wrapping.js';
export { DataKeys, type DataKeyInHand } from './data-keys.js';
export { KeyEncryptionKeys, type KeyEncryptionKeyInUse } from './key-encryption-keys.js';
export { KeybrokerKeyEncryptionKeys } from './keybroker-key-encryption-keys.js';
export { sealedFileContext } from './sealed-file-context.js';
export { CarryOutDestructions } from './keys/carry-out-destructions.js';
export { FinishLostKeyWork } from './keys/finish-lost-key-work.js';
export { KeyLifeModule, RewrapModule } from './keys/key-life.module.js';
export { RewrapThreads, type WrappedDataKey } from './rewrap-threads.js';
export { readRelease, type ReleasedFile, type ReleasedVersion } from './released-version.js';
export { rootOf, SealedStore, type FileToSeal, type SealedFile, type SegmentToSeal } from './sealed-store.js';
export { Sha256Stream } from './sha256-stream.js';
export {
  quickestDigest,
  unsealFile,
  unsealPieces,
  type ExpectedFile,
  type FileToUnseal,
  type SegmentToUnseal,
  type UnsealedFile,
} from './unseal-file.js';
export {
  openProjectRoot,
  readProjectRoot,
  requireSender,
  sealProjectRoot,
  type ProjectRootContent,
  type ReadProjectRoot,
} from './transfer/project-root.js';
export { VerifiedFile } from './verified-file.js';
export { vaultEventMeanings } from './vault-events.js';
export { vaultRules } from './vault-rules.js';
export { VaultError, type VaultErrorCode } from './vault-error.js';
export { VaultModule, type VaultAdapters } from './vault.module.js';
export { openDestroyedList, signDestroyedList } from './backup/destroyed-list.js';
export { BackupError, type BackupErrorCode } from './backup/backup-error.js';
export type { Contents as BackupContents, Header as BackupHeader } from './backup/backup-format.js';
export type { BackupWatch } from './backup/backup-watch.js';
export {
  checkBackup,
  restoreBackup,
  type RestoreTarget,
  type UnfinishedBroker,
} from './backup/restore-backup.js';
export { readHeader as readBackupHeader, StoredBackup } from './backup/stored-backup.js';
export { writeBackup, type BackupOptions, type BackupSource } from './backup/write-backup.js';
export { eraseVaultRows } from './keys/erase-vault-rows.js';
