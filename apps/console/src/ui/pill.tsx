import type { ReactNode } from 'react';
import styles from './pill.module.css';

/** What a state means to the reader: fine, wrong, waiting for somebody, under way, or at rest. */
export type Tone = 'good' | 'bad' | 'wait' | 'busy' | 'idle';

/** A state in one or two words. The words carry the meaning; the colour only repeats it. */
export function Pill({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={`${styles['pill']} ${styles[tone]}`}>
      <span className={styles['dot']} />
      {children}
    </span>
  );
}
