import { Button, Stack, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Watching } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Panel } from '../ui/panel.js';
import { Pill } from '../ui/pill.js';
import { useWatching } from './alarm-queries.js';
import { dayNames } from './day-names.js';
import { SettingsDialog } from './settings-dialog.js';

const tones = { watching: 'good', muted: 'idle', needs_hours: 'wait' } as const;

/** What is watched for, from how much on, and how far. */
export function WatchingPanel() {
  const { t } = useTranslation();
  const { may } = useSession();
  const watching = useWatching();
  const [opened, { open, close }] = useDisclosure();
  return (
    <Panel
      title={t('watching.title')}
      hint={t('watching.hint')}
      aside={
        may('change:WatchSetting') && (
          <Button size="compact-sm" variant="default" onClick={open}>
            {t('watching.change')}
          </Button>
        )
      }
    >
      <Answer to={watching}>
        {(found) => (
          <Stack gap="sm">
            <RuleTable watching={found} />
            <Hours watching={found} />
            <SettingsDialog watching={found} opened={opened} onClose={close} />
          </Stack>
        )}
      </Answer>
    </Panel>
  );
}

function RuleTable({ watching }: { readonly watching: Watching }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table aria-label={t('watching.title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('watching.rule')}</Table.Th>
            <Table.Th>{t('watching.from')}</Table.Th>
            <Table.Th>{t('watching.within')}</Table.Th>
            <Table.Th>{t('watching.state')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {watching.rules.map(({ rule, threshold, unit, learns, windowMs, state }) => (
            <Table.Tr key={rule}>
              <Table.Td>{t(`alarms.rules.${rule}`)}</Table.Td>
              <Table.Td>
                {unit === 'percent' ? format.percent(threshold / 100) : format.number(threshold)}
                {learns && ` ${t('watching.orUsual')}`}
              </Table.Td>
              <Table.Td>{format.duration(windowMs / 1000)}</Table.Td>
              <Table.Td>
                <Pill tone={tones[state]}>{t(`watching.states.${state}`)}</Pill>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Hours({ watching: { settings, behind } }: { readonly watching: Watching }) {
  const { t } = useTranslation();
  const { hours } = settings;
  return (
    <Text fz="sm" c="dimmed">
      {hours === undefined
        ? t('watching.noHours')
        : t('watching.hours', {
            ...hours,
            days: hours.days.map((day) => t(`watching.days.${dayNames[day - 1] ?? 'mon'}`)).join(' '),
          })}{' '}
      {t('watching.behind', { behind })}
    </Text>
  );
}
