import { Text } from '@mantine/core';
import type { KeySelection } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';

/** How groups are chosen when their keys are not public. */
export function SelectionNote({ selection }: { readonly selection: KeySelection | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (selection === undefined) return null;
  return (
    <Text fz="sm" c="dimmed" mt={4} data-figure="selection">
      {t('privacy.selection', {
        keys: selection.keys.join(', '),
        threshold: format.number(selection.threshold),
        shownFrom: format.number(selection.shownFrom),
      })}
    </Text>
  );
}
