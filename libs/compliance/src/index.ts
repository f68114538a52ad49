export { ComplianceError, type ComplianceErrorCode } from './compliance-error.js';
export { complianceEventMeanings } from './compliance-events.js';
export { retentionEventMeanings } from './retention/retention-events.js';
export { RequestDueExpiries } from './retention/request-due-expiries.js';
export { ComplianceJobsModule, ComplianceModule } from './compliance.module.js';
export { complianceRules } from './compliance-rules.js';
export { RequestLostExports } from './exports/request-lost-exports.js';
export { forwardingConfig, type ForwardingConfig } from './forwarding/forwarding.config.js';
export { eraseComplianceRows } from './erase-compliance-rows.js';
