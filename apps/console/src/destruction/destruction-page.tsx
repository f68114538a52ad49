import { Button, Stack, Table, Text } from '@mantine/core';
import type { Destruction } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';
import { DestructionActions } from './destruction-actions.js';
import { useDestructions } from './destruction-queries.js';
import { OrderDialog } from './order-dialog.js';

/** What is ordered to be destroyed for good, by whom, until when that can be stopped, and the certificates of what was. */
export function DestructionPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  const destructions = useDestructions();
  const [ordering, setOrdering] = useState(false);
  return (
    <Page
      title={t('destruction.title')}
      subtitle={t('destruction.subtitle')}
      actions={
        may('submit:TrustDocument') && (
          <Button color="red.8" leftSection={<Icon name="trash" />} onClick={() => setOrdering(true)}>
            {t('destruction.order')}
          </Button>
        )
      }
    >
      {ordering && <OrderDialog onClose={() => setOrdering(false)} />}
      <Answer to={destructions}>
        {(all) =>
          all.length === 0 ? (
            <NothingHere icon="trash" title={t('destruction.none')}>
              {t('destruction.noneHint')}
            </NothingHere>
          ) : (
            <DestructionTable destructions={all} />
          )
        }
      </Answer>
    </Page>
  );
}

function DestructionTable({ destructions }: { readonly destructions: readonly Destruction[] }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('destruction.listed')}>
      <Table.ScrollContainer minWidth={720} type="native">
        <Table aria-label={t('destruction.listed')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('destruction.target')}</Table.Th>
              <Table.Th>{t('models.state')}</Table.Th>
              <Table.Th>{t('destruction.orderedBy')}</Table.Th>
              <Table.Th>{t('destruction.when')}</Table.Th>
              <Table.Th>{t('ui.actions')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {destructions.map((destruction) => (
              <DestructionRow key={destruction.targetId} destruction={destruction} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

const tones = {
  'awaiting-second': 'wait',
  waiting: 'bad',
  due: 'bad',
  destroyed: 'idle',
} as const satisfies Record<Destruction['state'], Tone>;

function DestructionRow({ destruction }: { readonly destruction: Destruction }) {
  const { t } = useTranslation();
  const { target, name, state, orders, dueAt, destroyedAt } = destruction;
  const at = destroyedAt ?? dueAt;
  return (
    <Table.Tr>
      <Table.Td>
        <Stack gap={0}>
          <Text fw={600}>{name}</Text>
          <Text fz="xs" c="dimmed">
            {t(`destruction.targets.${target}`)}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td>
        <Pill tone={tones[state]}>{t(`destruction.states.${state}`)}</Pill>
      </Table.Td>
      <Table.Td>{orders.map(({ person }) => person).join(', ')}</Table.Td>
      <Table.Td c="dimmed">{at !== undefined && <Moment at={at} />}</Table.Td>
      <Table.Td>
        <DestructionActions destruction={destruction} />
      </Table.Td>
    </Table.Tr>
  );
}
