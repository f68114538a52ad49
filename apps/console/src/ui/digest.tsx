import { Group, Text } from '@mantine/core';
import { CopyButton } from './copy-button.js';

/** A digest or key id: short in a list, whole (in fours of eight) where it is to be compared. Copies whole either way. */
export function Digest({
  value,
  label,
  whole = false,
}: {
  readonly value: string;
  readonly label: string;
  readonly whole?: boolean;
}) {
  const shown = whole ? (value.match(/.{1,8}/g) ?? []).join('\u200b') : `${value.slice(0, 12)}…`;
  return (
    <Group gap={4} wrap="nowrap" display="inline-flex" maw="100%">
      <Text
        component="span"
        ff="monospace"
        fz={12.5}
        title={value}
        style={whole ? { overflowWrap: 'anywhere', minWidth: 0 } : { whiteSpace: 'nowrap' }}
        data-digest={value}
      >
        {shown}
      </Text>
      <CopyButton text={value} label={label} />
    </Group>
  );
}
