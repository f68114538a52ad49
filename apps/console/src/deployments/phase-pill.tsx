import type { Phase } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Pill, type Tone } from '../ui/pill.js';

const tones: Readonly<Record<Phase, Tone>> = {
  pending: 'busy',
  loading: 'busy',
  ready: 'good',
  refused: 'bad',
  failed: 'bad',
  stopped: 'idle',
};

/** Where a deployment runs, or why not. */
export function PhasePill({ phase }: { readonly phase: Phase }) {
  const { t } = useTranslation();
  return <Pill tone={tones[phase]}>{t(`deployments.phases.${phase}`)}</Pill>;
}
