import { Button, Group, Text } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icon.js';
import styles from './drawing-pad.module.css';
import { example } from './example-digit.js';
import { BLANK, INK, moved, painted, SIDE } from './painting.js';

/** An 8×8 picture: drawn with the pointer, or cell by cell with the arrow keys and the space bar. */
export function DrawingPad({
  pixels,
  onChange,
}: {
  readonly pixels: readonly number[];
  readonly onChange: (pixels: readonly number[]) => void;
}) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState(0);
  const latest = useRef(pixels);
  latest.current = pixels;
  const board = useRef<HTMLDivElement>(null);

  const paint = (cell: number) => {
    latest.current = painted(latest.current, cell);
    onChange(latest.current);
  };
  const drag = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    const under = document.elementFromPoint(event.clientX, event.clientY)?.getAttribute('data-cell');
    if (under != null) paint(Number(under));
  };
  const press = (event: KeyboardEvent) => {
    const next = moved(current, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    board.current?.querySelector<HTMLElement>(`[data-cell="${next}"]`)?.focus();
  };
  const toggle = (cell: number) =>
    onChange(pixels.map((value, at) => (at === cell ? (value > 0 ? 0 : INK) : value)));

  return (
    <div>
      <div
        ref={board}
        role="group"
        aria-label={t('predict.pad')}
        className={styles['pad']}
        onPointerDown={drag}
        onPointerMove={drag}
        onKeyDown={press}
      >
        {pixels.map((value, cell) => (
          <button
            key={cell}
            type="button"
            data-cell={cell}
            tabIndex={cell === current ? 0 : -1}
            aria-label={t('predict.cell', {
              row: Math.floor(cell / SIDE) + 1,
              column: (cell % SIDE) + 1,
              value,
            })}
            className={styles['cell']}
            style={{ '--ink': value / INK }}
            onFocus={() => setCurrent(cell)}
            onClick={(event) => {
              // A pointer has painted already; only the keyboard's click has no coordinates.
              if (event.detail === 0) toggle(cell);
            }}
          />
        ))}
      </div>
      <Group gap="xs" mt="xs" justify="space-between">
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<Icon name="eraser" size={15} />}
          onClick={() => onChange(BLANK)}
        >
          {t('predict.clear')}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={() => onChange(example)}>
          {t('predict.example')}
        </Button>
      </Group>
      <Text fz="xs" c="dimmed" maw={272} mt={4}>
        {t('predict.padHint')}
      </Text>
    </div>
  );
}
