import { Anchor, Table, Text } from '@mantine/core';
import type { AuditRecord } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Moment } from '../ui/moment.js';
import { Pill } from '../ui/pill.js';
import { useActionMeaning } from './action-meaning.js';
import styles from './audit-table.module.css';
import { type AuditEventText, readEventText } from './event-text.js';

/** Events that arrive while the table is open light up once. */
export function AuditTable({ records }: { readonly records: readonly AuditRecord[] }) {
  const { t } = useTranslation();
  const [newestAtFirst] = useState(() => Number(records[0]?.index ?? -1));
  return (
    <Table.ScrollContainer minWidth={860} type="native">
      <Table verticalSpacing={7} aria-label={t('audit.title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th ta="right" w={64}>
              {t('audit.index')}
            </Table.Th>
            <Table.Th>{t('audit.event')}</Table.Th>
            <Table.Th>{t('audit.actor')}</Table.Th>
            <Table.Th>{t('audit.resource')}</Table.Th>
            <Table.Th>{t('audit.decision')}</Table.Th>
            <Table.Th>{t('audit.time')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records.map((record) => (
            <EventRow key={record.eventId} record={record} arrived={Number(record.index) > newestAtFirst} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function EventRow({
  record: { index, eventId, time, action, actor, decision, event, expired },
  arrived,
}: {
  readonly record: AuditRecord;
  readonly arrived: boolean;
}) {
  const { t } = useTranslation();
  const meaning = useActionMeaning();
  const read = readEventText(event);
  const actorKey = read?.actor.id ?? read?.actor.name;
  const resource = read?.resource;
  return (
    <Table.Tr {...(arrived ? { className: styles['arrived'] ?? '' } : {})}>
      <Table.Td ta="right" c="dimmed" ff="monospace" fz="sm">
        {index}
      </Table.Td>
      <Table.Td>
        {expired === true ? (
          <Text ff="monospace" fz="sm" fw={600}>
            {action} <Pill tone="idle">{t('audit.expired')}</Pill>
          </Text>
        ) : (
          <Anchor component={Link} to={`/audit/events/${eventId}`} ff="monospace" fz="sm" fw={600}>
            {action}
          </Anchor>
        )}
        <Text fz="sm" c="dimmed" maw={440} lineClamp={1} title={meaning(action)}>
          {meaning(action)}
        </Text>
      </Table.Td>
      <Table.Td>
        {actorKey === undefined ? (
          actor
        ) : (
          <Anchor component={Link} to={`/audit?actor=${encodeURIComponent(actorKey)}`} fz="sm" c="inherit">
            {actor}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td>
        {resource !== undefined && (
          <Anchor
            component={Link}
            to={`/audit?resource=${encodeURIComponent(resource.id)}`}
            fz="sm"
            c="inherit"
            title={resource.id}
          >
            {`${resource.kind} `}
            <Text span ff="monospace" fz="xs">
              {resourceName(read)}
            </Text>
          </Anchor>
        )}
      </Table.Td>
      <Table.Td>
        <Pill tone={decision === 'allow' ? 'good' : 'bad'}>{t(`audit.decisions.${decision}`)}</Pill>
      </Table.Td>
      <Table.Td c="dimmed">
        <Moment at={time} />
      </Table.Td>
    </Table.Tr>
  );
}

/** What people call it, where the event says so; else the end of its id. */
function resourceName(event: AuditEventText | undefined): string {
  const { ref, name, path } = event?.details ?? {};
  const known = [ref, name, path].find((each) => typeof each === 'string');
  return typeof known === 'string' ? known : (event?.resource?.id.slice(-8) ?? '');
}
