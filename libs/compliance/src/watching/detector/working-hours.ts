import type { WorkingHours } from '@castellan/contracts';

const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Whether people work then. A day that ends after midnight is judged by the day on which it began. */
export function isWorkingTime({ timeZone, days, from, to }: WorkingHours, timeMs: number): boolean {
  const { day, minute } = localTime(timeZone, timeMs);
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  if (begin === end) return days.includes(day);
  if (begin < end) return days.includes(day) && minute >= begin && minute < end;
  const dayBefore = day === 1 ? 7 : day - 1;
  return (days.includes(day) && minute >= begin) || (days.includes(dayBefore) && minute < end);
}

function localTime(timeZone: string, timeMs: number): { day: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, value]));
  return {
    day: names.indexOf(parts.get('weekday') ?? '') + 1,
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
