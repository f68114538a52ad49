import { Anchor, Group, Stack, Text } from '@mantine/core';
import type { Trace, TraceNode } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { Moment } from '../ui/moment.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { useTrace } from './compliance-queries.js';
import { LineageGraph } from './lineage-graph.js';
import { kindKey } from './trace-kind.js';
import styles from './trace-page.module.css';

export function TracePage() {
  const { t } = useTranslation();
  const { kind = '', ref = '' } = useParams();
  const trace = useTrace(kind, ref);
  return (
    <Page
      title={`${t('trace.title')}: ${ref}`}
      subtitle={t('trace.subtitle')}
      trail={[{ to: '/audit', label: t('audit.title') }]}
    >
      <Answer to={trace}>{(found) => <Graph trace={found} />}</Answer>
    </Page>
  );
}

function Graph({ trace }: { readonly trace: Trace }) {
  const { t } = useTranslation();
  const subject = trace.nodes.find(({ id }) => id === trace.subject);
  const count = Number(trace.predictions);
  return (
    <Stack gap="lg">
      <LineageGraph trace={trace} />
      <Panel
        title={t('trace.downward')}
        hint={count > 0 && t(trace.more ? 'trace.predictionCountMore' : 'trace.predictionCount', { count })}
      >
        <Branch trace={trace} from={trace.subject} direction="down" />
      </Panel>
      {subject !== undefined && <Node node={subject} strong />}
      <Panel title={t('trace.upward')}>
        <Branch trace={trace} from={trace.subject} direction="up" />
      </Panel>
    </Stack>
  );
}

/** The nodes next to one, each with its own branch. No node comes twice on one way. */
function Branch({
  trace,
  from,
  direction,
  passed = [],
}: {
  readonly trace: Trace;
  readonly from: string;
  readonly direction: 'up' | 'down';
  readonly passed?: readonly string[];
}) {
  const { t } = useTranslation();
  const next = trace.edges
    .filter((edge) => (direction === 'up' ? edge.from : edge.to) === from)
    .map((edge) => (direction === 'up' ? edge.to : edge.from))
    .filter((id) => !passed.includes(id));
  const nodes = trace.nodes.filter(({ id }) => next.includes(id));
  if (nodes.length === 0)
    return passed.length === 0 ? (
      <Text fz="sm" c="dimmed">
        {t('trace.none')}
      </Text>
    ) : null;
  return (
    <ul className={styles['branch']}>
      {nodes.map((node) => (
        <li key={node.id}>
          <Node node={node} />
          <Branch trace={trace} from={node.id} direction={direction} passed={[...passed, from]} />
        </li>
      ))}
    </ul>
  );
}

function Node({ node, strong = false }: { readonly node: TraceNode; readonly strong?: boolean }) {
  const { t } = useTranslation();
  const { kind, label, detail, digest, leafIndex, eventId, at } = node;
  return (
    <div className={styles['node']} data-strong={strong}>
      <Group gap="xs">
        <Text fz="xs" c="dimmed">
          {t(`trace.kinds.${kindKey(kind)}`)}
        </Text>
        <Text fz="sm" fw={600}>
          {label}
        </Text>
        {digest !== undefined && digest !== '' && <Digest value={digest} label={label} />}
        {eventId !== undefined && (
          <Anchor component={Link} to={`/audit/events/${eventId}`} fz="sm">
            {t('trace.leaf', { index: leafIndex })}
          </Anchor>
        )}
        {at !== undefined && (
          <Text span fz="sm" c="dimmed">
            <Moment at={at} />
          </Text>
        )}
      </Group>
      {detail !== undefined && (
        <Text fz="sm" c="dimmed">
          {detail}
        </Text>
      )}
    </div>
  );
}
