import { Anchor, Text, Timeline } from '@mantine/core';
import type { ParseKeys } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Icon, type IconName } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { type LifeStep, toneOf } from './life.js';
import styles from './life-timeline.module.css';

const icons: Readonly<Record<LifeStep['kind'], IconName>> = {
  started: 'upload',
  fixed: 'file',
  uploading: 'clock',
  scanning: 'clock',
  scanned: 'search',
  decided: 'seal',
  tookBack: 'cross',
  revoked: 'cross',
  awaitingApproval: 'clock',
  approved: 'check',
  deployed: 'serve',
  destroyed: 'cross',
};

/** A version's life from the first byte to the last refusal. */
export function LifeTimeline({ steps }: { readonly steps: readonly LifeStep[] }) {
  return (
    <Timeline bulletSize={28} lineWidth={2} active={steps.length} className={styles['life'] ?? ''}>
      {steps.map((step, position) => (
        <Timeline.Item
          key={`${step.kind}${position}`}
          bullet={
            <span className={styles['bullet']} data-tone={toneOf(step)}>
              <Icon name={icons[step.kind]} size={15} />
            </span>
          }
          title={<StepTitle step={step} />}
        >
          {'reason' in step && (
            <Text fz="sm" mt={2} fs="italic">
              “{step.reason}”
            </Text>
          )}
          {'at' in step && (
            <Text fz="xs" c="dimmed" mt={2}>
              <Moment at={step.at} />
            </Text>
          )}
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function StepTitle({ step }: { readonly step: LifeStep }) {
  const { t } = useTranslation();
  if (step.kind === 'deployed')
    return (
      <>
        {t(`deployments.phases.${step.phase}`)}
        {': '}
        <Anchor component={Link} to={`/deployments/${step.name}`} inherit underline="always">
          {step.name}
        </Anchor>
      </>
    );
  if (step.kind === 'fixed') return t('life.fixed', { count: step.files });
  const person = 'person' in step ? step.person : '';
  return t(titleKey(step), { person });
}

function titleKey(step: Exclude<LifeStep, { kind: 'deployed' | 'fixed' }>) {
  if (step.kind === 'scanned') return `life.scanned.${step.verdict}` satisfies ParseKeys;
  if (step.kind === 'decided') return `life.decided.${step.standing}` satisfies ParseKeys;
  return `life.${step.kind}` satisfies ParseKeys;
}
