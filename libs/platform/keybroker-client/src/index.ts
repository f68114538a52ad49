export { KeybrokerClient, type KeybrokerCall } from './keybroker-client.js';
export { requestKeys, type ReleasedKeys, type ReleaseQuestion } from './released-keys.js';
