import { useTranslation } from 'react-i18next';
import { isLanguage, languageTags } from './languages.js';

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Times, sizes and numbers as the chosen language writes them. */
export function useFormat() {
  const { i18n } = useTranslation();
  const tag = languageTags[isLanguage(i18n.language) ? i18n.language : 'en'];
  return {
    moment: (iso: string) =>
      new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso)),
    day: (iso: string) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium' }).format(new Date(iso)),
    clock: (iso: string) => new Intl.DateTimeFormat(tag, { timeStyle: 'medium' }).format(new Date(iso)),
    ago: (iso: string) => {
      const seconds = (Date.parse(iso) - Date.now()) / 1000;
      const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
      const count = Math.trunc(seconds / length);
      return new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }).format(count, unit);
    },
    number: (value: number, digits = 2) =>
      new Intl.NumberFormat(tag, { maximumFractionDigits: digits }).format(value),
    compact: (value: number) => new Intl.NumberFormat(tag, { notation: 'compact' }).format(value),
    percent: (share: number) =>
      new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 }).format(share),
    /** To whole seconds, minutes, or tenths of an hour. */
    duration: (seconds: number) => {
      const [unit, length] =
        seconds < 60
          ? (['second', 1] as const)
          : seconds < 3600
            ? (['minute', 60] as const)
            : (['hour', 3600] as const);
      const digits = unit === 'hour' ? 1 : 0;
      const style = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: digits } as const;
      return new Intl.NumberFormat(tag, style).format(seconds / length);
    },
    bytes: (bytes: number) => {
      const power = bytes < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(bytes) / 10));
      const value = bytes / 2 ** (10 * power);
      const digits = power === 0 || value >= 100 ? 0 : 1;
      return `${new Intl.NumberFormat(tag, { maximumFractionDigits: digits }).format(value)} ${byteUnits[power]}`;
    },
  };
}
