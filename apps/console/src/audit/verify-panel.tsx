import { Alert, Button, Stack, Text, Timeline } from '@mantine/core';
import type { InclusionProof } from '@castellan/contracts';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { hex } from '../review/sha256.js';
import { useTrust } from '../review/trust-queries.js';
import { ExactText } from '../ui/exact-text.js';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { VerificationSteps } from './verification-steps.js';
import { verifyEvent } from './verify-event.js';

/** Verifies the event's place in the log in this browser, and shows every hash on the way. */
export function VerifyPanel({ proof }: { readonly proof: InclusionProof }) {
  const { t } = useTranslation();
  const trust = useTrust();
  const verify = useMutation({
    mutationFn: async () => {
      if (trust.data === undefined) throw trust.error ?? new Error('no trust');
      return verifyEvent(proof, trust.data);
    },
  });
  const result = verify.data;
  return (
    <Panel
      title={t('verify.title')}
      hint={t('verify.hint')}
      aside={
        <Button
          leftSection={<Icon name="check" />}
          loading={verify.isPending || trust.isPending}
          onClick={() => verify.mutate()}
        >
          {t('verify.verify')}
        </Button>
      }
    >
      <Stack gap="md">
        {verify.error !== null && <RefusalNotice error={verify.error} />}
        {result === undefined ? (
          <Waiting proof={proof} />
        ) : (
          <>
            <Alert
              variant="default"
              role="status"
              icon={<Icon name={result.verified ? 'check' : 'warning'} />}
              styles={{ icon: { color: result.verified ? 'var(--castellan-good)' : 'var(--castellan-bad)' } }}
              title={t(result.verified ? 'verify.good' : 'verify.bad')}
            >
              {t(result.verified ? 'verify.goodText' : 'verify.badText', {
                index: proof.index,
                root: rootOf(result),
              })}
            </Alert>
            <VerificationSteps proof={proof} result={result} />
          </>
        )}
        <div>
          <Text fz="sm" fw={600} mb={4}>
            {t('verify.checkpoint')}
          </Text>
          <ExactText text={proof.checkpoint} label={t('verify.checkpoint')} />
        </div>
      </Stack>
    </Panel>
  );
}

function rootOf({ checkpoint }: { readonly checkpoint: { readonly root: Uint8Array } | undefined }): string {
  return checkpoint === undefined ? '?' : hex(checkpoint.root).slice(0, 16);
}

/** What will be checked, before it is. */
function Waiting({ proof }: { readonly proof: InclusionProof }) {
  const { t } = useTranslation();
  const steps = [
    t('verify.steps.leaf'),
    t('verify.steps.climb', { count: proof.hashes.length }),
    t('verify.steps.root'),
    t('verify.steps.signature'),
  ];
  return (
    <Timeline bulletSize={24} lineWidth={2} active={-1}>
      {steps.map((step, at) => (
        <Timeline.Item key={step} bullet={<Text fz="xs">{at + 1}</Text>}>
          <Text fz="sm">{step}</Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
