import { Anchor, Stack, Text, Textarea } from '@mantine/core';
import { CreateDataset } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Panel } from '../../ui/panel.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { LoginForm } from './login-form.js';
import { useDeclareReference } from './reference-queries.js';

/** Declares a table of somebody's PostgreSQL: the text is the declaration, to the letter. */
export function DeclareReferencePanel() {
  const { t } = useTranslation();
  const declare = useDeclareReference();
  const [text, setText] = useState(() => JSON.stringify(example, null, 2));
  const dataset = readDataset(text);
  return (
    <Panel title={t('reference.declare')} hint={t('reference.declareHint')}>
      <Stack gap="md">
        <Textarea
          label={t('reference.document')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={dataset === undefined ? t('reference.documentFault') : undefined}
          autosize
          minRows={8}
          maxRows={28}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
        />
        {declare.error !== null && <RefusalNotice error={declare.error} />}
        {declare.data !== undefined && (
          <Text fz="sm">
            <Anchor component={Link} to={`/privacy/${declare.data.name}`}>
              {t('reference.sealed', { name: declare.data.name })}
            </Anchor>
          </Text>
        )}
        <LoginForm
          action={t('reference.declareAction')}
          disabled={dataset === undefined}
          isPending={declare.isPending}
          onLogin={(login) => dataset !== undefined && declare.mutate({ dataset, login })}
        />
      </Stack>
    </Panel>
  );
}

function readDataset(text: string): CreateDataset | undefined {
  try {
    const parsed = CreateDataset.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.declaration.source !== undefined ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

const example = {
  project: 'default',
  name: 'visits',
  epsilonLimit: '4',
  declaration: {
    source: {
      kind: 'postgresql',
      host: 'db.example.org',
      port: 5432,
      database: 'clinic',
      schema: 'public',
      table: 'visits',
      tls: 'verify',
    },
    columns: [
      { name: 'person', type: 'id' },
      { name: 'town', type: 'category', values: ['east', 'west'] },
      { name: 'cost', type: 'number', lower: 0, upper: 1000, decimals: 2 },
    ],
    privacyUnit: 'person',
    maxGroupsPerUnit: 1,
    maxRowsPerGroup: 10,
    purpose: 'What visits cost, by town.',
  },
};
