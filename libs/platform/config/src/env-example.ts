import type { ConfigSlice } from './setting.js';

/** The text of `.env.example` for these slices: every variable once, commented out, secrets without a value. */
export function envExample(slices: Readonly<Record<string, ConfigSlice>>): string {
  const seen = new Set<string>();
  const sections = Object.entries(slices).flatMap(([title, slice]) => {
    const lines = Object.values(slice)
      .filter(({ name }) => !seen.has(name) && seen.add(name))
      .map(({ name, about, secret, schema }) => {
        const fallback = schema.safeParse(undefined);
        const value = !secret && fallback.success && fallback.data !== undefined ? String(fallback.data) : '';
        const note = secret ? `${about} (secret; or ${name}_FILE)` : about;
        return `# ${note}${fallback.success ? '' : ' [required]'}\n# ${name}=${value}`;
      });
    return lines.length === 0 ? [] : [[`## ${title}`, ...lines].join('\n')];
  });
  return `${sections.join('\n\n')}\n`;
}
