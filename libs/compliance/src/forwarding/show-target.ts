import type { ForwardingDelivery, ForwardingTarget } from '@castellan/contracts';
import type { DeliveryRow, TargetRow } from './target-store.js';

export function showTarget(row: TargetRow, signedSize: bigint): ForwardingTarget {
  const { id, name, address, cursor, failures, lastError, createdAt } = row;
  const behind = signedSize > cursor ? signedSize - cursor : 0n;
  return {
    id,
    name,
    kind: row.kind as ForwardingTarget['kind'],
    address,
    format: row.format as ForwardingTarget['format'],
    state: row.state as ForwardingTarget['state'],
    cursor: String(cursor),
    behind: String(behind),
    failures,
    ...(lastError === null ? {} : { lastError }),
    createdAt: createdAt.toISOString(),
  };
}

export function showDelivery({
  begin,
  end,
  events,
  ok,
  detail,
  durationMs,
  createdAt,
}: DeliveryRow): ForwardingDelivery {
  return {
    begin: String(begin),
    end: String(end),
    events,
    ok,
    detail,
    durationMs,
    at: createdAt.toISOString(),
  };
}
