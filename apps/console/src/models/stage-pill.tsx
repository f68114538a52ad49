import type { Stage } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Pill, type Tone } from '../ui/pill.js';

const tones: Readonly<Record<Stage, Tone>> = {
  uploading: 'busy',
  quarantined: 'busy',
  candidate: 'wait',
  rejected: 'bad',
  destroyed: 'idle',
};

/** Where a version stands in review. */
export function StagePill({ stage }: { readonly stage: Stage }) {
  const { t } = useTranslation();
  return <Pill tone={tones[stage]}>{t(`models.stages.${stage}`)}</Pill>;
}
