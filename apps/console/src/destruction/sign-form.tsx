import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { StatementForm, type StatementFormProps } from '../review/statement-form.js';

interface SignFormProps extends Omit<StatementFormProps, 'signable' | 'dangerous'> {
  readonly reason: string;
  readonly onReason: (reason: string) => void;
}

/** An order, or what takes it back, with its reason. */
export function SignForm({ reason, onReason, children, ...statement }: SignFormProps) {
  const { t } = useTranslation();
  return (
    <StatementForm {...statement} dangerous>
      {children}
      <Textarea
        label={t('review.reason')}
        value={reason}
        onChange={(event) => onReason(event.currentTarget.value)}
        autosize
        minRows={2}
        maxLength={1000}
        required
      />
    </StatementForm>
  );
}
