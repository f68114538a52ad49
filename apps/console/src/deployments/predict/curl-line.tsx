import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ExactText } from '../../ui/exact-text.js';
import { predictPath } from '../deployment-queries.js';

/** The same request for a terminal, with an API key in place of the session. */
export function CurlLine({ name, input }: { readonly name: string; readonly input: unknown }) {
  const { t } = useTranslation();
  const body = JSON.stringify({ input }).replaceAll("'", String.raw`'\''`);
  const command = [
    `curl ${window.location.origin}${predictPath(name)}`,
    `-H "authorization: Bearer $CASTELLAN_API_KEY"`,
    `-H 'content-type: application/json'`,
    `-d '${body}'`,
  ].join(' \\\n  ');
  return (
    <div>
      <Text fz="sm" fw={600} mb={4}>
        {t('predict.curl')}
      </Text>
      <ExactText text={command} label={t('predict.curl')} maxHeight={180} />
    </div>
  );
}
