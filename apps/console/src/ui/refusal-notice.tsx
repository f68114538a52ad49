import { Alert, Code, List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Refusal } from '../api/refusal.js';
import { en } from '../i18n/en/index.js';
import { Icon } from './icon.js';

type KnownCode = keyof typeof en.refusals;

function isKnown(code: string): code is KnownCode {
  return Object.hasOwn(en.refusals, code);
}

/** What stood in the way: in the reader's language where the code is known, and always in the server's own words. */
export function RefusalNotice({ error }: { readonly error: unknown }) {
  const { t } = useTranslation();
  const refusal = error instanceof Refusal ? error : new Refusal(0, 'console_fault', String(error));
  const { code, detail, fields } = refusal;
  return (
    <Alert
      color="red"
      variant="default"
      role="alert"
      icon={<Icon name="warning" />}
      styles={{ icon: { color: 'var(--mantine-color-error)' } }}
      title={isKnown(code) ? t(`refusals.${code}`) : t('ui.refused')}
    >
      {detail !== '' && <Text fz="sm">{detail}</Text>}
      {fields.length > 0 && (
        <List size="sm" mt={4}>
          {fields.map(({ path, message }) => (
            <List.Item key={path}>
              <Code>{path}</Code> {message}
            </List.Item>
          ))}
        </List>
      )}
      <Text fz="xs" c="dimmed" mt={4} ff="monospace">
        {code}
      </Text>
    </Alert>
  );
}
