/** The keep with its keyhole; inverted where it stands on the ink itself. */
export function Logo({
  size = 28,
  inverted = false,
}: {
  readonly size?: number;
  readonly inverted?: boolean;
}) {
  const [ground, keep] = inverted ? ['#fff', '#24448c'] : ['#24448c', '#fff'];
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" style={{ flexShrink: 0 }}>
      <rect width="32" height="32" rx="7" fill={ground} />
      <path fill={keep} d="M7 7h4v3h3V7h4v3h3V7h4v6.5l-2.5 2.2V25h-13v-9.3L7 13.5z" />
      <path fill={ground} d="M16 15.2a2.3 2.3 0 0 1 1.15 4.3l.75 3.5h-3.8l.75-3.5A2.3 2.3 0 0 1 16 15.2z" />
    </svg>
  );
}
