import { Accordion, Button, Group, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSigningKey } from '../signing-key/key-queries.js';
import type { SigningKey } from '../signing-key/signing-key.js';
import { ExactText } from '../ui/exact-text.js';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { KeyNotice } from './key-notice.js';
import { signStatement } from './sign-statement.js';
import styles from './statement-form.module.css';
import { useSubmitDocument } from './trust-queries.js';

export interface StatementFormProps {
  /** The exact bytes to sign; undefined while there is nothing that may be signed. */
  readonly payload: Uint8Array<ArrayBuffer> | undefined;
  /** Whether those bytes, which are shown, may be signed. */
  readonly signable?: boolean;
  /** The fields that fill the statement in, and what is to be seen before it is signed. */
  readonly children: ReactNode;
  readonly verb: string;
  readonly done: string;
  readonly dangerous?: boolean;
  readonly onClose: () => void;
}

/** Shows a statement to the letter, signs those very bytes, and hands them in. Nothing is signed that was not shown. */
export function StatementForm(props: StatementFormProps) {
  const { payload, signable = true, children, verb, done, dangerous = false, onClose } = props;
  const { t } = useTranslation();
  const key = useSigningKey();
  const submit = useSubmitDocument();
  const sign = useMutation({
    mutationFn: async ({ bytes, signingKey }: { bytes: Uint8Array<ArrayBuffer>; signingKey: SigningKey }) =>
      submit.mutateAsync({ envelope: await signStatement(bytes, signingKey) }),
    onSuccess: () => {
      notifications.show({ message: done, icon: <Icon name="check" />, color: 'teal' });
      onClose();
    },
  });
  const ready =
    payload !== undefined && key.data != null && signable
      ? { bytes: payload, signingKey: key.data }
      : undefined;
  const submitForm = (event: FormEvent) => {
    event.preventDefault();
    if (ready !== undefined) sign.mutate(ready);
  };
  return (
    <form onSubmit={submitForm} noValidate>
      <Stack>
        <KeyNotice />
        {sign.error !== null && <RefusalNotice error={sign.error} />}
        {children}
        {payload !== undefined && (
          <Accordion variant="contained">
            <Accordion.Item value="exact">
              <Accordion.Control>{t('review.exactText')}</Accordion.Control>
              <Accordion.Panel>
                <ExactText
                  text={new TextDecoder().decode(payload)}
                  label={t('review.exactText')}
                  maxHeight={220}
                />
              </Accordion.Panel>
            </Accordion.Item>
          </Accordion>
        )}
        <Group justify="flex-end" className={styles['foot'] ?? ''}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button
            type="submit"
            disabled={ready === undefined}
            loading={sign.isPending}
            leftSection={<Icon name="seal" />}
            {...(dangerous ? { color: 'red.8' } : {})}
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
