import { Group, Paper, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import styles from './panel.module.css';

/** A titled part of a page. */
export function Panel({
  title,
  hint,
  aside,
  children,
}: {
  readonly title: string;
  readonly hint?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <Paper p="lg" component="section" aria-labelledby={id}>
      <Group
        justify="space-between"
        align="flex-start"
        className={styles['head'] ?? ''}
        gap="md"
        wrap="nowrap"
      >
        <div>
          <Title order={2} fz={16} id={id}>
            {title}
          </Title>
          {hint !== undefined && (
            <Text c="dimmed" fz="sm" mt={2}>
              {hint}
            </Text>
          )}
        </div>
        <div className={styles['aside']}>{aside}</div>
      </Group>
      {children}
    </Paper>
  );
}
