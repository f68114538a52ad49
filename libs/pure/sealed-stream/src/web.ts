export { webUnseal } from './web-open.js';
