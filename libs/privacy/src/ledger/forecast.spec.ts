import { forecast } from './forecast.js';

const pico = (epsilon: number) => BigInt(epsilon * 1e12);
const now = new Date('2026-11-24T12:00:00Z');

describe('a forecast', () => {
  it('goes by what was spent a day of late, and says when nothing is left', () => {
    const spending = [
      { day: '2026-11-15', part: null, pico: pico(2) },
      { day: '2026-11-24', part: null, pico: pico(3) },
    ];
    expect(forecast(spending, pico(10), now)).toEqual({
      perDay: '0.5',
      days: 10,
      endsAt: '2026-12-04T12:00:00.000Z',
      daily: [
        { day: '2026-11-15', remaining: '8' },
        { day: '2026-11-24', remaining: '5' },
      ],
    });
  });

  it('forgets what was spent before the last thirty days', () => {
    const spending = [
      { day: '2026-01-01', part: null, pico: pico(6) },
      { day: '2026-11-20', part: null, pico: pico(3) },
    ];
    expect(forecast(spending, pico(12), now)).toMatchObject({
      perDay: '0.1',
      days: 30,
      endsAt: '2026-12-24T12:00:00.000Z',
    });
  });

  it('counts the part that has most, as the ledger does', () => {
    const spending = [
      { day: '2026-11-23', part: 0, pico: pico(1) },
      { day: '2026-11-23', part: 1, pico: pico(2) },
      { day: '2026-11-24', part: 0, pico: pico(3) },
      { day: '2026-11-24', part: null, pico: pico(1) },
    ];
    expect(forecast(spending, pico(10), now).daily).toEqual([
      { day: '2026-11-23', remaining: '8' },
      { day: '2026-11-24', remaining: '5' },
    ]);
  });

  it.each([
    ['nothing was ever spent', []],
    ['nothing was spent lately', [{ day: '2026-01-01', part: null, pico: pico(6) }]],
    ['it would be after a hundred years', [{ day: '2026-11-24', part: null, pico: 1n }]],
  ])('names no end when %s', (_, spending) => {
    expect(forecast(spending, pico(10), now).endsAt).toBeUndefined();
  });

  it('ends now when all is spent', () => {
    const spending = [{ day: '2026-11-24', part: null, pico: pico(10) }];
    expect(forecast(spending, pico(10), now).endsAt).toBe(now.toISOString());
  });
});
