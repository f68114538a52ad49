import { Accordion, Button, Group, Stack, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { KeyNotice } from '../review/key-notice.js';
import { signStatement } from '../review/sign-statement.js';
import { useSubmitDocument } from '../review/trust-queries.js';
import { useSigningKey } from '../signing-key/key-queries.js';
import { ExactText } from '../ui/exact-text.js';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';

interface SignFormProps {
  /** The exact bytes to sign; undefined while the form is incomplete. */
  readonly payload: Uint8Array<ArrayBuffer> | undefined;
  readonly reason: string;
  readonly onReason: (reason: string) => void;
  readonly verb: string;
  readonly done: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Shows an order, or what takes it back, to the letter; signs those very bytes with the key of this browser. */
export function SignForm({ payload, reason, onReason, verb, done, onClose, children }: SignFormProps) {
  const { t } = useTranslation();
  const key = useSigningKey();
  const submit = useSubmitDocument();
  const sign = useMutation({
    mutationFn: async () => {
      if (payload === undefined || key.data == null) return;
      await submit.mutateAsync({ envelope: await signStatement(payload, key.data) });
    },
    onSuccess: () => {
      notifications.show({ message: done, icon: <Icon name="check" />, color: 'teal' });
      onClose();
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        sign.mutate();
      }}
    >
      <Stack>
        <KeyNotice />
        {sign.error !== null && <RefusalNotice error={sign.error} />}
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
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button
            type="submit"
            color="red.8"
            leftSection={<Icon name="seal" />}
            disabled={payload === undefined || key.data == null}
            loading={sign.isPending}
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
