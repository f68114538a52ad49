/** Days of the week; the first is day 1 (ISO 8601). */
export const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
