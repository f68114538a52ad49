export { canonicalize, MAX_NESTING } from './canonicalize.js';
export { CanonicalJsonError, type CanonicalJsonErrorCode } from './canonical-json-error.js';
export type { JsonValue } from './json-value.js';
