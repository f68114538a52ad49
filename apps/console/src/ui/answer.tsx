import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading } from './loading.js';
import { RefusalNotice } from './refusal-notice.js';

/** What a query gives: its data, or why there is none, or that it is on its way. */
export function Answer<T>({
  to,
  children,
}: {
  readonly to: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}) {
  if (to.data !== undefined) return children(to.data);
  return to.isError ? <RefusalNotice error={to.error} /> : <Loading />;
}
