const paths = {
  audit: 'M7 4h10a2 2 0 0 1 2 2v14l-3-2-2 2-2-2-2 2-2-2-3 2V6a2 2 0 0 1 2-2zM9 9h6M9 13h6',
  back: 'M15 6l-6 6 6 6',
  box: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2',
  copy: 'M9 9h10v10a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM5 15H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v1',
  cross: 'M6 6l12 12M18 6L6 18',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  eraser: 'M19 20H9l-5-5 9-10 7 6.5-7 8.5M8 10.5l7 6.5',
  file: 'M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12.5L20 4M16 8l3 3M13.5 10.5l2 2',
  language: 'M4 6h9M8.5 3v3M11 6c-.6 4-3 7-7 9M6 9c1 2.5 3.2 4.6 6 6M12.5 20l4-9 4 9M14 17h5',
  monitor: 'M4 5h16v11H4zM9 20h6M12 16v4',
  moon: 'M12 3a7 7 0 0 0 9 9 9 9 0 1 1-9-9z',
  open: 'M9 6l6 6-6 6',
  pause: 'M8 5v14M16 5v14',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM5 20c0-3.5 3-6 7-6s7 2.5 7 6',
  play: 'M7 5l12 7-12 7z',
  plus: 'M12 5v14M5 12h14',
  privacy: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20',
  seal: 'M12 3l2.2 1.8 2.8-.3.9 2.7 2.4 1.5L19.5 11.5l.8 2.7-2.4 1.5-.9 2.7-2.8-.3L12 20l-2.2-1.9-2.8.3-.9-2.7-2.4-1.5.8-2.7-.8-2.8 2.4-1.5.9-2.7 2.8.3zM9 11.5l2 2 4-4',
  serve: 'M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01',
  signOut: 'M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h11M18 9l3 3-3 3',
  stop: 'M6 6h12v12H6z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  trash: 'M5 7h14M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3',
  upload: 'M12 16V5M7 9l5-5 5 5M5 20h14',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
} as const;

export type IconName = keyof typeof paths;

/** A line drawing beside a text; it says nothing of its own, so it is hidden from screen readers. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flexShrink: 0 }}
    >
      <path d={paths[name]} />
    </svg>
  );
}
