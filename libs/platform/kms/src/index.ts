export { kmsConfig, type KmsConfig } from './kms.config.js';
export { KmsError, type KmsErrorCode } from './kms-error.js';
export { Kms } from './kms.js';
export { LocalKms, type LocalKmsOptions } from './local-kms.js';
export { kmsFromUrl, type KmsCredentials } from './kms-from-url.js';
