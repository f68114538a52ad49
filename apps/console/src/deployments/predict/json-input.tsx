import { Textarea } from '@mantine/core';
import type { ModelSignature } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { shapeText } from '../tensor-shape.js';

/** The input as JSON: rows, or rows by tensor name. */
export function JsonInput({
  text,
  onChange,
  valid,
  signature,
}: {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly valid: boolean;
  readonly signature: ModelSignature | undefined;
}) {
  const { t } = useTranslation();
  const inputs = signature?.inputs.map(
    ({ name, datatype, shape }) => `${name}: ${datatype} ${shapeText(shape)}`,
  );
  return (
    <Textarea
      label={t('predict.jsonLabel')}
      description={inputs?.join(' · ')}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={!valid && t('predict.jsonUnreadable')}
      autosize
      minRows={5}
      maxRows={16}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
    />
  );
}
