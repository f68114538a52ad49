import { Button, Group, Stack, Textarea } from '@mantine/core';
import type { Dataset } from '@castellan/contracts';
import { useState } from 'react';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useRequestTask } from './task-queries.js';

type TaskRequest = Parameters<ReturnType<typeof useRequestTask>['mutate']>[0];

/** A request that is a document: what a second person signs, to the letter. `read` gives undefined for a text that is none. */
export function RequestDocumentPanel({
  dataset,
  proposed,
  read,
  words,
}: {
  readonly dataset: Dataset;
  readonly proposed: object;
  readonly read: (value: unknown) => TaskRequest | undefined;
  readonly words: Readonly<Record<'title' | 'hint' | 'document' | 'fault' | 'ask', string>>;
}) {
  const request = useRequestTask(dataset.id);
  const [text, setText] = useState(() => JSON.stringify(proposed, null, 2));
  const document = read(parsed(text));
  return (
    <Panel title={words.title} hint={words.hint}>
      <Stack gap="md">
        <Textarea
          label={words.document}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={document === undefined ? words.fault : undefined}
          autosize
          minRows={8}
          maxRows={24}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
        />
        {request.error !== null && <RefusalNotice error={request.error} />}
        <Group>
          <Button
            leftSection={<Icon name="seal" />}
            disabled={document === undefined}
            loading={request.isPending}
            onClick={() => document !== undefined && request.mutate(document)}
          >
            {words.ask}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
