export { KeybrokerClient, type KeybrokerCall } from './keybroker-client.js';
export { requestKeys, type ReleasedKeys, type ReleaseQuestion } from './released-keys.js';
export { keybrokerConfig, type KeybrokerConfig } from './keybroker.config.js';
export { ProcessIdentity, type Enrolment } from './process-identity.js';
