export {
  DESTRUCTION_ORDER_TYPE,
  destructionOrderPayload,
  type DestructionOrder,
  type DestructionTarget,
} from './destruction-order.js';
export { APPROVAL_TYPE, approvalPayload, type Approval, type Evidence } from './approval.js';
export { REVOCATION_TYPE, revocationPayload, type Revocation, type RevocationTarget } from './revocation.js';
export { DATA_APPROVAL_TYPE, dataApprovalPayload, type DataApproval } from './data-approval.js';
export { ROOT_EXPORT_ORDER_TYPE, rootExportOrderPayload, type RootExportOrder } from './root-export-order.js';
