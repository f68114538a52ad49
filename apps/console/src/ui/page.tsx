import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'react-router';

export interface PageProps {
  /** Also the browser tab's title. */
  readonly title: string;
  readonly subtitle?: ReactNode;
  /** Beside the title: the state of the thing. */
  readonly state?: ReactNode;
  readonly actions?: ReactNode;
  readonly trail?: readonly { readonly to: string; readonly label: string }[];
  readonly children: ReactNode;
}

/** One page. Its heading takes the focus when the page comes up, so that a screen reader starts where the eye does. */
export function Page({ title, subtitle, state, actions, trail = [], children }: PageProps) {
  useDocumentTitle(`${title} · Castellan`);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <Stack gap="lg">
      <div>
        {trail.length > 0 && (
          <Breadcrumbs mb={6} separatorMargin={6}>
            {trail.map(({ to, label }) => (
              <Anchor component={Link} to={to} key={to} fz="sm">
                {label}
              </Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="flex-start" gap="sm">
          <div style={{ minWidth: 0, maxWidth: '100%' }}>
            <Group gap="sm">
              <Title order={1} fz={26} lh={1.25} ref={heading} tabIndex={-1}>
                {title}
              </Title>
              {state}
            </Group>
            {subtitle !== undefined && (
              <Text component="div" c="dimmed" mt={4} maw={760}>
                {subtitle}
              </Text>
            )}
          </div>
          {actions !== undefined && <Group gap="xs">{actions}</Group>}
        </Group>
      </div>
      {children}
    </Stack>
  );
}
