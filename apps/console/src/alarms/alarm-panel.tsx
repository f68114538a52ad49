import { Anchor, Group, Stack, Text } from '@mantine/core';
import type { Alarm } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../i18n/use-format.js';
import { useSession } from '../session/session-context.js';
import { Fact, Facts } from '../ui/facts.js';
import { Moment } from '../ui/moment.js';
import { Panel } from '../ui/panel.js';
import { Pill } from '../ui/pill.js';
import { AcknowledgeButton } from './acknowledge-button.js';
import { AlarmChart } from './alarm-chart.js';

export function AlarmPanel({ alarm }: { readonly alarm: Alarm }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const { acknowledged, rule, threshold } = alarm;
  return (
    <Panel
      title={t(`alarms.rules.${rule}`)}
      hint={t(`alarms.meanings.${rule}`)}
      aside={
        <Group gap="sm" wrap="nowrap">
          <Pill tone={acknowledged === undefined ? 'bad' : 'idle'}>
            {t(acknowledged === undefined ? 'alarms.open' : 'alarms.acknowledged')}
          </Pill>
          {acknowledged === undefined && may('acknowledge:Alarm') && <AcknowledgeButton alarm={alarm} />}
        </Group>
      }
    >
      <Stack gap="md">
        <Evidence alarm={alarm} />
        {threshold > 1 && <AlarmChart alarm={alarm} />}
        {acknowledged !== undefined && (
          <Text fz="sm">
            {t('alarms.acknowledgedBy', acknowledged)} <Moment at={acknowledged.at} />
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

function Evidence({ alarm }: { readonly alarm: Alarm }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { subject, unit, usual, windowStart, windowEnd, leaves, eventId, raisedAt } = alarm;
  const figure = (value: number) => (unit === 'percent' ? format.percent(value / 100) : format.number(value));
  return (
    <Facts>
      <Fact name={t('alarms.raised')}>
        <Moment at={raisedAt} />{' '}
        <Anchor component={Link} to={`/audit/events/${eventId}`} fz="sm" underline="always">
          {t('alarms.itsEvent')}
        </Anchor>
      </Fact>
      <Fact name={t('alarms.about')}>
        {`${t(`alarms.subjects.${subject.kind}`)} ${subject.name ?? subject.id}`}
        {subject.about !== undefined && `, ${subject.about}`}
        {subject.kind === 'person' && (
          <>
            {' '}
            <Anchor
              component={Link}
              to={`/audit?actor=${encodeURIComponent(subject.id)}`}
              fz="sm"
              underline="always"
            >
              {t('alarms.theirEvents')}
            </Anchor>
          </>
        )}
      </Fact>
      <Fact name={t('alarms.found')}>
        {t('alarms.foundOver', { number: figure(alarm.number), threshold: figure(alarm.threshold) })}
        {usual !== undefined && ` ${t('alarms.usual', { mean: figure(usual.mean), windows: usual.windows })}`}
      </Fact>
      <Fact name={t('alarms.window')}>{`${format.moment(windowStart)} – ${format.moment(windowEnd)}`}</Fact>
      <Fact name={t('alarms.leaves')}>{leaves.join(', ')}</Fact>
    </Facts>
  );
}
