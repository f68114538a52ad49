import { Anchor, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { CreateDataset, type TableSource } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Panel } from '../../ui/panel.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { LoginForm } from './login-form.js';
import { exampleText } from './reference-examples.js';
import { useDeclareReference } from './reference-queries.js';

/** Declares a table of somebody's PostgreSQL or an object of somebody's bucket: the text is the declaration, to the letter. */
export function DeclareReferencePanel() {
  const { t } = useTranslation();
  const declare = useDeclareReference();
  const [text, setText] = useState(() => exampleText('postgresql'));
  const dataset = readDataset(text);
  const [example, setExample] = useState<TableSource['kind']>('postgresql');
  const kind = dataset?.declaration.source?.kind ?? example;
  return (
    <Panel title={t('reference.declare')} hint={t('reference.declareHint')}>
      <Stack gap="md">
        <SegmentedControl
          aria-label={t('reference.place')}
          value={kind}
          data={[
            { value: 'postgresql', label: t('reference.places.postgresql') },
            { value: 's3', label: t('reference.places.s3') },
          ]}
          onChange={(chosen) => {
            const next = chosen === 's3' ? chosen : 'postgresql';
            setExample(next);
            setText(exampleText(next));
          }}
        />
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
          key={kind}
          kind={kind}
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
