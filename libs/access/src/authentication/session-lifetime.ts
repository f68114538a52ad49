/** A session ends twelve hours after signing in, however busy, and after one idle hour (ASVS 5.0, 7.3.1 and 7.3.2). */
export const sessionAbsoluteMs = 12 * 60 * 60 * 1000;
export const sessionIdleMs = 60 * 60 * 1000;
