import { Button, Group, Modal, Stack, Table, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { LegalHold } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { HoldDialog } from './hold-dialog.js';
import { useHolds, useLiftHold } from './retention-queries.js';

const tones: Readonly<Record<LegalHold['state'], Tone>> = {
  active: 'good',
  'lift-asked': 'wait',
  lifted: 'idle',
};

export function HoldsPanel() {
  const { t } = useTranslation();
  const { may } = useSession();
  const holds = useHolds();
  const [opened, { open, close }] = useDisclosure();
  return (
    <Panel
      title={t('holds.title')}
      hint={t('holds.hint')}
      aside={
        may('create:LegalHold') && (
          <Button leftSection={<Icon name="plus" />} onClick={open}>
            {t('holds.set')}
          </Button>
        )
      }
    >
      <HoldDialog opened={opened} onClose={close} />
      <Answer to={holds}>
        {(all) =>
          all.length === 0 ? (
            <NothingHere icon="seal" title={t('holds.none')}>
              {t('holds.noneHint')}
            </NothingHere>
          ) : (
            <Holds holds={all} />
          )
        }
      </Answer>
    </Panel>
  );
}

function Holds({ holds }: { readonly holds: readonly LegalHold[] }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table aria-label={t('holds.title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('holds.reason')}</Table.Th>
            <Table.Th>{t('holds.keeps')}</Table.Th>
            <Table.Th>{t('retention.state')}</Table.Th>
            <Table.Th>{t('holds.setBy')}</Table.Th>
            <Table.Th>{t('ui.actions')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {holds.map((hold) => (
            <HoldRow key={hold.id} hold={hold} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const conditions = ['project', 'actor', 'resource', 'from', 'to'] as const;

function HoldRow({ hold }: { readonly hold: LegalHold }) {
  const { t } = useTranslation();
  const given = conditions.filter((name) => hold[name] !== undefined);
  const { liftAskedBy, liftReason, liftedBy } = hold;
  return (
    <Table.Tr>
      <Table.Td maw={260}>{hold.reason}</Table.Td>
      <Table.Td c="dimmed">
        {given.length === 0
          ? t('holds.everything')
          : given.map((name) => `${t(`holds.conditions.${name}`)}: ${hold[name]}`).join(', ')}
      </Table.Td>
      <Table.Td>
        <Pill tone={tones[hold.state]}>
          {t(`holds.states.${hold.state === 'lift-asked' ? 'asked' : hold.state}`)}
        </Pill>
        {liftAskedBy !== undefined && (
          <Text fz="sm" c="dimmed" mt={4}>
            {t('holds.askedBy', { who: liftAskedBy, why: liftReason ?? '' })}
            {liftedBy !== undefined && ` ${t('holds.liftedBy', { who: liftedBy })}`}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {hold.setBy} <Moment at={hold.setAt} />
      </Table.Td>
      <Table.Td>{hold.state !== 'lifted' && <LiftButton hold={hold} />}</Table.Td>
    </Table.Tr>
  );
}

/** The first person gives a reason; the second lifts. The api says who may be the second. */
function LiftButton({ hold: { id, state } }: { readonly hold: LegalHold }) {
  const { t } = useTranslation();
  const lift = useLiftHold();
  const [opened, { open, close }] = useDisclosure();
  const [reason, setReason] = useState('');
  const isAsked = state === 'lift-asked';
  const label = t(isAsked ? 'holds.lift' : 'holds.askLift');
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={label} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Stack>
          {lift.error !== null && <RefusalNotice error={lift.error} />}
          <Text>{t(isAsked ? 'holds.liftText' : 'holds.askLiftText')}</Text>
          {!isAsked && (
            <Textarea
              label={t('holds.reason')}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-autofocus
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('ui.cancel')}
            </Button>
            <Button
              loading={lift.isPending}
              disabled={!isAsked && reason.trim().length < 3}
              onClick={() => lift.mutate(isAsked ? { id } : { id, reason }, { onSuccess: close })}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
