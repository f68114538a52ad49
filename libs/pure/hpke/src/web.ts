export { webOpen, webRecipient, type WebRecipient } from './web-open.js';
