import type { AnswerColumn } from '@castellan/contracts';

interface Noise {
  readonly key: string;
  readonly text: 'privacy.noiseOf' | 'privacy.noiseOfRank';
  readonly figures: {
    readonly name: string;
    readonly mechanism: string;
    readonly interval: number;
    readonly sensitivity: number;
  };
}

/** The noises that a column carries: its own, those of what it is computed from, or that of a quantile's rank. */
export function noisesOf({
  name,
  mechanism = '',
  interval95,
  sensitivity,
  parts,
  rank,
}: AnswerColumn): Noise[] {
  if (rank !== undefined)
    return [
      {
        key: name,
        text: 'privacy.noiseOfRank',
        figures: { name, mechanism, interval: rank.interval95, sensitivity: rank.sensitivity },
      },
    ];
  if (parts !== undefined)
    return parts.map((part) => ({
      key: `${name} ${part.name}`,
      text: 'privacy.noiseOf',
      figures: {
        name: `${name} · ${part.name}`,
        mechanism: part.mechanism,
        interval: part.interval95,
        sensitivity: part.sensitivity,
      },
    }));
  if (interval95 === undefined || sensitivity === undefined) return [];
  return [
    { key: name, text: 'privacy.noiseOf', figures: { name, mechanism, interval: interval95, sensitivity } },
  ];
}
