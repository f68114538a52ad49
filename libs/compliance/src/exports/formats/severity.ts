/** How loud a target should be about an event. */
export type Severity = 'low' | 'medium' | 'high';

export const productVersion = '0.1.0';

export function severityOf(action: string, decision: 'allow' | 'deny'): Severity {
  if (action === 'alarm.raised') return 'high';
  return decision === 'deny' ? 'medium' : 'low';
}
