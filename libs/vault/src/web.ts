export { webRecipient, type WebRecipient } from '@castellan/hpke/web';
export { openReleased, type ReleasedFile } from './open-released.js';
