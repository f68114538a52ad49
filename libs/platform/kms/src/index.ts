export { KmsError, type KmsErrorCode } from './kms-error.js';
export { Kms } from './kms.js';
export { LocalKms, type LocalKmsOptions } from './local-kms.js';
