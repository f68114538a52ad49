import { Text, Timeline } from '@mantine/core';
import type { InclusionProof } from '@castellan/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { hex } from '../review/sha256.js';
import { Icon } from '../ui/icon.js';
import styles from '../versions/life-timeline.module.css';
import type { Verification } from './verify-event.js';

/** Each step with the hashes it took and gave, so that it can be redone by hand. */
export function VerificationSteps({
  proof,
  result,
}: {
  readonly proof: InclusionProof;
  readonly result: Verification;
}) {
  const { t } = useTranslation();
  const { leafHash, climb, checkpoint, rootMatches, originMatches, signature } = result;
  return (
    <Timeline bulletSize={26} lineWidth={2} className={styles['life'] ?? ''}>
      <Timeline.Item bullet={<Mark good />} title={t('verify.steps.leaf')}>
        <Hash>{hex(leafHash)}</Hash>
      </Timeline.Item>
      <Timeline.Item
        bullet={<Mark good={climb !== undefined} />}
        title={t('verify.steps.climb', { count: proof.hashes.length })}
      >
        {climb === undefined && <Text fz="sm">{t('verify.impossible')}</Text>}
        {climb?.steps.map(({ sibling, hash, result: made }, at) => (
          <div key={at}>
            <Text fz="xs" c="dimmed" mt={6}>
              {t(sibling === 'left' ? 'verify.fromLeft' : 'verify.fromRight', {
                hash: hex(hash).slice(0, 16),
              })}
            </Text>
            <Hash>{hex(made)}</Hash>
          </div>
        ))}
      </Timeline.Item>
      <Timeline.Item bullet={<Mark good={rootMatches} />} title={t('verify.steps.root')}>
        <Text fz="sm">
          {t(rootMatches ? 'verify.rootMatches' : 'verify.rootDiffers', {
            size: String(checkpoint?.size ?? '?'),
          })}
        </Text>
        {checkpoint !== undefined && <Hash>{hex(checkpoint.root)}</Hash>}
      </Timeline.Item>
      <Timeline.Item
        bullet={<Mark good={signature === 'valid' && originMatches} neutral={signature === 'not_checked'} />}
        title={t('verify.steps.signature')}
      >
        <Text fz="sm">{t(`verify.signatures.${signature}`)}</Text>
        <Text fz="xs" c="dimmed" ff="monospace">
          {checkpoint?.origin}
        </Text>
      </Timeline.Item>
    </Timeline>
  );
}

function Mark({ good, neutral = false }: { readonly good: boolean; readonly neutral?: boolean }) {
  return (
    <span className={styles['bullet']} data-tone={neutral ? 'wait' : good ? 'good' : 'bad'}>
      <Icon name={neutral ? 'clock' : good ? 'check' : 'cross'} size={14} />
    </span>
  );
}

function Hash({ children }: { readonly children: ReactNode }) {
  return (
    <Text ff="monospace" fz={11.5} style={{ overflowWrap: 'anywhere' }}>
      {children}
    </Text>
  );
}
