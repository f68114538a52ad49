/** After all suites. */
export { stopDatabase as default } from './keep-database.js';
