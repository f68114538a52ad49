import { Pipeline, type Dataset } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { RequestDocumentPanel } from './request-document-panel.js';

/** Ask for several steps at once. */
export function PipelinePanel({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  return (
    <RequestDocumentPanel
      dataset={dataset}
      proposed={proposed(dataset)}
      read={read}
      words={{
        title: t('pipeline.title'),
        hint: t('pipeline.hint'),
        document: t('pipeline.document'),
        fault: t('pipeline.fault'),
        ask: t('pipeline.ask'),
      }}
    />
  );
}

function read(value: unknown): Pipeline | undefined {
  return Pipeline.safeParse(typeof value === 'object' ? { ...value, kind: 'pipeline' } : value).data;
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
