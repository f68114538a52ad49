import { useRef, useState } from 'react';
import type { Watching } from './send-file.js';

export interface Transfer {
  /** By path. */
  readonly sent: Readonly<Record<string, number>>;
  readonly cut: boolean;
  readonly bytesPerSecond: number;
}

const NOTHING: Transfer = { sent: {}, cut: false, bytesPerSecond: 0 };

/** How a publication goes on: what is there of each file, how fast, and whether the connection is cut. */
export function useTransfer(): { transfer: Transfer; watching: Watching; restart: () => void } {
  const [transfer, setTransfer] = useState(NOTHING);
  const began = useRef({ at: 0, had: new Map<string, number>() });
  const restart = () => {
    began.current = { at: performance.now(), had: new Map() };
    setTransfer(NOTHING);
  };
  const watching: Watching = {
    onSent: (path, bytes, hadBytes) => {
      const { at, had } = began.current;
      had.set(path, Math.max(had.get(path) ?? 0, hadBytes));
      setTransfer(({ sent: before }) => {
        const sent = { ...before, [path]: bytes };
        const movedBytes = total(Object.values(sent)) - total([...had.values()]);
        const seconds = Math.max(0.001, (performance.now() - at) / 1000);
        return { sent, cut: false, bytesPerSecond: movedBytes / seconds };
      });
    },
    onCut: (cut) => setTransfer((before) => ({ ...before, cut })),
  };
  return { transfer, watching, restart };
}

export function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
