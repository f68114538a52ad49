import { Alert, Anchor, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCertificateStatus, useSigningKey } from '../signing-key/key-queries.js';
import { Digest } from '../ui/digest.js';
import { Icon } from '../ui/icon.js';

/** With which key it will be signed, and whether an officer stands behind that key. */
export function KeyNotice() {
  const { t } = useTranslation();
  const key = useSigningKey();
  const status = useCertificateStatus(key.data?.keyId);
  if (key.isPending) return null;
  if (key.data == null)
    return (
      <Alert color="yellow" variant="default" icon={<Icon name="key" />} title={t('review.noKey')}>
        <Anchor component={Link} to="/signing-key">
          {t('signingKey.make')}
        </Anchor>
      </Alert>
    );
  const honoured = status.data?.standing === 'honoured';
  return (
    <Group gap={8} fz="sm">
      <Icon name="key" size={16} />
      <Text fz="sm" component="div">
        {t('review.signsWith')} <Digest value={key.data.keyId} label={t('signingKey.keyId')} />
      </Text>
      {status.data !== undefined && (
        <Text fz="sm" c={honoured ? 'var(--castellan-good)' : 'var(--castellan-wait)'}>
          {t(`signingKey.standings.${status.data.standing}`)}
        </Text>
      )}
    </Group>
  );
}
