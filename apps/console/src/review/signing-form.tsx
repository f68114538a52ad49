import { Accordion, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Review } from '@castellan/contracts';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSigningKey } from '../signing-key/key-queries.js';
import type { SigningKey } from '../signing-key/signing-key.js';
import { Digest } from '../ui/digest.js';
import { ExactText } from '../ui/exact-text.js';
import { Fact, Facts } from '../ui/facts.js';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { KeyNotice } from './key-notice.js';
import { useOwnDigest } from './own-digest.js';
import { signStatement } from './sign-statement.js';
import styles from './signing-form.module.css';
import { useSubmitDocument } from './trust-queries.js';

interface SigningFormProps {
  readonly review: Review;
  /** The exact bytes to sign; undefined while the form is incomplete. */
  readonly payload: Uint8Array<ArrayBuffer> | undefined;
  readonly facts: ReactNode;
  /** The fields that fill the statement in. */
  readonly children: ReactNode;
  readonly verb: string;
  readonly done: string;
  readonly dangerous?: boolean;
  readonly onClose: () => void;
}

/** Shows a statement to the letter, signs those very bytes, and hands them in. Nothing is signed that was not shown. */
export function SigningForm({
  review,
  payload,
  facts,
  children,
  verb,
  done,
  dangerous = false,
  onClose,
}: SigningFormProps) {
  const { t } = useTranslation();
  const key = useSigningKey();
  const own = useOwnDigest(review);
  const submit = useSubmitDocument();
  const sign = useMutation({
    mutationFn: async ({ bytes, signingKey }: { bytes: Uint8Array<ArrayBuffer>; signingKey: SigningKey }) =>
      submit.mutateAsync({ envelope: await signStatement(bytes, signingKey) }),
    onSuccess: () => {
      notifications.show({ message: done, icon: <Icon name="check" />, color: 'teal' });
      onClose();
    },
  });
  const ready = payload !== undefined && key.data != null && own.data?.matches === true;
  const submitForm = (event: FormEvent) => {
    event.preventDefault();
    if (payload !== undefined && key.data != null && own.data?.matches === true)
      sign.mutate({ bytes: payload, signingKey: key.data });
  };
  return (
    <form onSubmit={submitForm} noValidate>
      <Stack>
        <KeyNotice />
        {sign.error !== null && <RefusalNotice error={sign.error} />}
        {children}
        <div>
          <Text fw={600} fz="sm" mb={4}>
            {t('review.whatIsSigned')}
          </Text>
          <Facts>
            <Fact name={t('review.versionDigest')}>
              {own.data && <Digest value={own.data.digest} label={t('review.versionDigest')} whole />}
              <OwnDigestCheck matches={own.data?.matches} />
            </Fact>
            {facts}
          </Facts>
        </div>
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
            disabled={!ready}
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

function OwnDigestCheck({ matches }: { readonly matches: boolean | undefined }) {
  const { t } = useTranslation();
  if (matches === undefined) return null;
  return (
    <Group gap={6} mt={4} fz="sm" c={matches ? 'var(--castellan-good)' : 'var(--castellan-bad)'}>
      <Icon name={matches ? 'check' : 'warning'} size={15} />
      {t(matches ? 'review.ownDigestMatches' : 'review.ownDigestDiffers')}
    </Group>
  );
}
