/** The secret in a one-time link, or in what somebody pasted: the whole link, its `#token=…`, or the bare secret. */
export function linkToken(text: string): string | undefined {
  const trimmed = text.trim();
  const hash = trimmed.indexOf('#');
  if (hash < 0) return trimmed === '' || /[\s/]/.test(trimmed) ? undefined : trimmed;
  return new URLSearchParams(trimmed.slice(hash + 1)).get('token') || undefined;
}
