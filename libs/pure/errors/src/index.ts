export { CastellanError, type ErrorKind, type ErrorDetails } from './castellan-error.js';
