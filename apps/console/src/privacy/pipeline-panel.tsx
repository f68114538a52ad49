import { Button, Group, Stack, Textarea } from '@mantine/core';
import { Pipeline, type Dataset } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useRequestTask } from './task-queries.js';

/** Ask for several steps at once: the document is what a second person signs, to the letter. */
export function PipelinePanel({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const request = useRequestTask(dataset.id);
  const [text, setText] = useState(() => JSON.stringify(proposed(dataset), null, 2));
  const pipeline = readPipeline(text);
  return (
    <Panel title={t('pipeline.title')} hint={t('pipeline.hint')}>
      <Stack gap="md">
        <Textarea
          label={t('pipeline.document')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={pipeline === undefined ? t('pipeline.fault') : undefined}
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
            disabled={pipeline === undefined}
            loading={request.isPending}
            onClick={() => pipeline !== undefined && request.mutate(pipeline)}
          >
            {t('pipeline.ask')}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

function readPipeline(text: string): Pipeline | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const parsed = Pipeline.safeParse(typeof value === 'object' ? { ...value, kind: 'pipeline' } : value);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function proposed({ name, declaration }: Dataset) {
  return {
    name: 'first-look',
    version: 1,
    purpose: declaration.purpose,
    steps: [
      { step: 'classify' },
      { step: 'measure', sql: `SELECT COUNT(*) FROM "${name.replaceAll('"', '""')}"`, epsilon: '0.1' },
      { step: 'synthesize', epsilon: '0.5' },
    ],
  };
}
