import { MaskingRequest, type ColumnMask, type Dataset } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { RequestDocumentPanel } from './request-document-panel.js';

/** Ask for a masked copy. */
export function MaskPanel({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation();
  return (
    <RequestDocumentPanel
      dataset={dataset}
      proposed={proposedPlan(dataset)}
      read={read}
      words={{
        title: t('protection.mask'),
        hint: t('protection.maskHint'),
        document: t('protection.plan'),
        fault: t('protection.planFault'),
        ask: t('protection.askMask'),
      }}
    />
  );
}

function read(value: unknown): MaskingRequest | undefined {
  return MaskingRequest.safeParse(typeof value === 'object' ? { ...value, kind: 'mask' } : value).data;
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
