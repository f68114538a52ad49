/** The secret in a one-time link, or in what somebody pasted: the whole link, its `#token=…`, or the bare secret. */
export function linkToken(text: string): string | undefined {
  const trimmed = text.trim();
  const [, named] = /[#?&]token=([^#&\s]+)/.exec(trimmed) ?? [];
  if (named !== undefined) return decodeURIComponent(named);
  return trimmed === '' || /[\s/#?]/.test(trimmed) ? undefined : trimmed;
}
