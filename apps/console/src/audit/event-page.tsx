import { Button, Grid, Stack } from '@mantine/core';
import type { InclusionProof } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { saveFile } from '../api/save-file.js';
import { TraceButton } from '../compliance/trace-button.js';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { ExactText } from '../ui/exact-text.js';
import { Fact, Facts } from '../ui/facts.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { Pill } from '../ui/pill.js';
import { useActionMeaning } from './action-meaning.js';
import { useProof } from './audit-queries.js';
import { type AuditEventText, readEventText } from './event-text.js';
import { VerifyPanel } from './verify-panel.js';

export function EventPage() {
  const { t } = useTranslation();
  const { event: eventId = '' } = useParams();
  const meaning = useActionMeaning();
  const proof = useProof(eventId);
  const event = proof.data && readEventText(proof.data.leaf);
  return (
    <Page
      title={event?.action ?? t('audit.event')}
      subtitle={event && meaning(event.action)}
      trail={[{ to: '/audit', label: t('audit.title') }]}
      state={
        event && (
          <Pill tone={event.decision === 'allow' ? 'good' : 'bad'}>
            {t(`audit.decisions.${event.decision}`)}
          </Pill>
        )
      }
    >
      <Answer to={proof}>{(found) => <EventParts eventId={eventId} proof={found} event={event} />}</Answer>
    </Page>
  );
}

function EventParts({
  eventId,
  proof,
  event,
}: {
  readonly eventId: string;
  readonly proof: InclusionProof;
  readonly event: AuditEventText | undefined;
}) {
  const { t } = useTranslation();
  const save = () => saveFile(`${eventId}.leaf.json`, new Blob([proof.leaf], { type: 'application/json' }));
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack gap="lg">
          {event !== undefined && <EventFacts event={event} proof={proof} />}
          {event?.action === 'prediction.served' && <TraceButton to={`/trace/prediction/${eventId}`} />}
          <Panel
            title={t('audit.exactText')}
            hint={t('audit.exactTextHint')}
            aside={
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<Icon name="download" size={14} />}
                onClick={save}
              >
                {t('audit.saveLeaf')}
              </Button>
            }
          >
            <ExactText text={proof.leaf} label={t('audit.exactText')} />
          </Panel>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 7 }}>
        <VerifyPanel proof={proof} />
      </Grid.Col>
    </Grid>
  );
}

function EventFacts({
  event,
  proof: { index, personal },
}: {
  readonly event: AuditEventText;
  readonly proof: InclusionProof;
}) {
  const { t } = useTranslation();
  const { time, actor, resource, reason, details } = event;
  const source = personal?.source ?? event.source;
  const name = personal?.name ?? actor.name ?? actor.id ?? '';
  return (
    <Panel title={t('audit.what')}>
      <Facts>
        <Fact name={t('audit.index')}>{index}</Fact>
        <Fact name={t('audit.time')}>
          <Moment at={time} exact />
        </Fact>
        <Fact name={t('audit.actor')}>{`${name} (${t(kindKey(actor.kind))})`}</Fact>
        {resource !== undefined && (
          <Fact name={t('audit.resource')}>
            {resource.kind} <Detail name={t('audit.resource')} value={resource.id} />
          </Fact>
        )}
        {reason !== undefined && <Fact name={t('audit.reason')}>{reason}</Fact>}
        {source !== undefined && <Fact name={t('audit.source')}>{source}</Fact>}
        {Object.entries(personal?.subject ?? {}).map(([attribute, value]) => (
          <Fact key={`subject ${attribute}`} name={t('audit.ofSubject', { attribute })}>
            {value}
          </Fact>
        ))}
        {personal?.closed !== undefined && <Fact name={t('audit.personal')}>{t('audit.erased')}</Fact>}
        {Object.entries(details ?? {}).map(([name, value]) => (
          <Fact key={name} name={name}>
            <Detail name={name} value={value} />
          </Fact>
        ))}
      </Facts>
    </Panel>
  );
}

/** Digests are shown as such, everything else as it stands. */
function Detail({ name, value }: { readonly name: string; readonly value: unknown }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[0-9a-f]{64}$/.test(text) ? <Digest value={text} label={name} /> : text;
}

function kindKey(kind: string) {
  if (kind === 'person' || kind === 'process') return `audit.actorKinds.${kind}` as const;
  return 'audit.actorKinds.anonymous' as const;
}
