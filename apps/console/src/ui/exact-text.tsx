import { Box, ScrollArea } from '@mantine/core';
import { CopyButton } from './copy-button.js';

/** Text to the letter, in a frame; long lines wrap, long texts scroll. */
export function ExactText({
  text,
  label,
  maxHeight = 320,
}: {
  readonly text: string;
  readonly label: string;
  readonly maxHeight?: number;
}) {
  return (
    <Box
      pos="relative"
      bg="var(--castellan-code-ground)"
      bd="1px solid var(--castellan-line)"
      style={{ borderRadius: 'var(--mantine-radius-md)' }}
    >
      <ScrollArea.Autosize mah={maxHeight} type="auto" viewportProps={{ tabIndex: 0, 'aria-label': label }}>
        <Box
          component="pre"
          m={0}
          p="sm"
          pr={44}
          ff="monospace"
          fz={12.5}
          lh={1.6}
          style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
        >
          {text}
        </Box>
      </ScrollArea.Autosize>
      <Box pos="absolute" top={8} right={10}>
        <CopyButton text={text} label={label} />
      </Box>
    </Box>
  );
}
