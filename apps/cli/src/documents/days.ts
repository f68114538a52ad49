/** ISO 8601 UTC, so many days of 24 hours later. */
export function daysAfter(from: Date, days: number): string {
  return new Date(from.getTime() + days * 86_400_000).toISOString();
}
