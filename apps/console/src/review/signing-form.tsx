import { Group, Text } from '@mantine/core';
import type { Review } from '@castellan/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Digest } from '../ui/digest.js';
import { Fact, Facts } from '../ui/facts.js';
import { Icon } from '../ui/icon.js';
import { useOwnDigest } from './own-digest.js';
import { StatementForm, type StatementFormProps } from './statement-form.js';

interface SigningFormProps extends Omit<StatementFormProps, 'signable'> {
  readonly review: Review;
  readonly facts: ReactNode;
}

/** A statement about a version: signed only when this browser has computed the version's digest itself. */
export function SigningForm({ review, facts, children, ...statement }: SigningFormProps) {
  const { t } = useTranslation();
  const own = useOwnDigest(review);
  return (
    <StatementForm {...statement} signable={own.data?.matches === true}>
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
    </StatementForm>
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
