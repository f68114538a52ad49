import { Button, Group, Stack, Textarea } from '@mantine/core';
import { MaskingRequest, type ColumnMask, type Dataset } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useRequestTask } from './task-queries.js';

/** Ask for a masked copy: the plan is what a second person signs, to the letter. */
export function MaskPanel({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  const request = useRequestTask(dataset.id);
  const [text, setText] = useState(() => JSON.stringify(proposedPlan(dataset), null, 2));
  const plan = readPlan(text);
  return (
    <Panel title={t('protection.mask')} hint={t('protection.maskHint')}>
      <Stack gap="md">
        <Textarea
          label={t('protection.plan')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={plan === undefined ? t('protection.planFault') : undefined}
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
            disabled={plan === undefined}
            loading={request.isPending}
            onClick={() => plan !== undefined && request.mutate(plan)}
          >
            {t('protection.askMask')}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

function readPlan(text: string): MaskingRequest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const parsed = MaskingRequest.safeParse(typeof value === 'object' ? { ...value, kind: 'mask' } : value);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Tokens for the unit, nothing of personal data and other identifiers, numbers in ten intervals, categories as they are. */
function proposedPlan({ declaration, classification }: Dataset) {
  const isPersonal = (name: string) =>
    classification?.columns.find((column) => column.name === name)?.kinds.length !== 0;
  const maskOf = (column: Dataset['declaration']['columns'][number]): ColumnMask => {
    if (column.name === declaration.privacyUnit) return { operator: 'token' };
    if (column.type === 'number')
      return {
        operator: 'generalise_number',
        width: Math.max(1, Math.ceil((column.upper - column.lower) / 10)),
      };
    return column.type === 'category' && !isPersonal(column.name)
      ? { operator: 'keep' }
      : { operator: 'redact' };
  };
  return {
    purpose: declaration.purpose,
    columns: declaration.columns.map((column) => ({ name: column.name, mask: maskOf(column) })),
    gates: { k: 5, suppressAtMost: 0.05 },
  };
}
