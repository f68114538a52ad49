import type { Version } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useServing } from '../deployments/deployment-queries.js';
import { ServingPill } from '../models/serving-pill.js';
import { StagePill } from '../models/stage-pill.js';
import { useDecisions } from '../review/trust-queries.js';
import { Pill } from '../ui/pill.js';
import { useReview } from './version-queries.js';

/** The furthest that a version has come: serving, approved, or its stage; revoked before all. */
export function VersionState({ version }: { readonly version: Version }) {
  const { t } = useTranslation();
  const serving = useServing()(version.model, version.number);
  const review = useReview(version);
  const decisions = useDecisions(version.digest);
  const revoked = (decisions.data?.versionRevocations.length ?? 0) > 0;
  if (revoked) return <Pill tone="bad">{t('versions.revoked')}</Pill>;
  if (serving.length > 0) return <ServingPill names={serving} />;
  if (review.data?.evaluation.allowed === true) return <Pill tone="good">{t('versions.approved')}</Pill>;
  return <StagePill stage={version.stage} />;
}
