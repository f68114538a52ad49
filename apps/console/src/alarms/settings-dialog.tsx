import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  Modal,
  NumberInput,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';
import { WatchSettings, type Watching, type WatchRule } from '@castellan/contracts';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useChangeWatching } from './alarm-queries.js';
import { dayNames } from './day-names.js';

interface DialogProps {
  readonly watching: Watching;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Hours, thresholds and muted rules. What they were stays in the log. */
export function SettingsDialog({ opened, onClose, watching }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('watching.change')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <SettingsForm watching={watching} onClose={onClose} />
    </Modal>
  );
}

function SettingsForm({ watching: { settings, rules }, onClose }: Omit<DialogProps, 'opened'>) {
  const { t } = useTranslation();
  const change = useChangeWatching();
  const [judged, setJudged] = useState(settings.hours !== undefined);
  const [hours, setHours] = useState(settings.hours ?? ordinaryHours());
  const [muted, setMuted] = useState<readonly WatchRule[]>(settings.muted);
  const [thresholds, setThresholds] = useState(settings.thresholds);
  const wanted = WatchSettings.safeParse({ thresholds, muted, ...(judged ? { hours } : {}) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted.success) change.mutate(wanted.data, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {change.error !== null && <RefusalNotice error={change.error} />}
        <Switch
          label={t('watching.judgeHours')}
          checked={judged}
          onChange={({ currentTarget }) => setJudged(currentTarget.checked)}
        />
        {judged && (
          <Fieldset legend={t('watching.workingHours')}>
            <Stack gap="sm">
              <Group grow>
                <TextInput
                  label={t('watching.begin')}
                  type="time"
                  value={hours.from}
                  onChange={({ currentTarget }) => setHours({ ...hours, from: currentTarget.value })}
                />
                <TextInput
                  label={t('watching.end')}
                  type="time"
                  value={hours.to}
                  onChange={({ currentTarget }) => setHours({ ...hours, to: currentTarget.value })}
                />
              </Group>
              <TextInput
                label={t('watching.timeZone')}
                value={hours.timeZone}
                error={
                  WatchSettings.safeParse({ hours: { ...ordinaryHours(), timeZone: hours.timeZone } }).success
                    ? undefined
                    : t('watching.timeZoneRule')
                }
                onChange={({ currentTarget }) => setHours({ ...hours, timeZone: currentTarget.value })}
              />
              <Checkbox.Group
                label={t('watching.workingDays')}
                value={hours.days.map(String)}
                onChange={(days) => setHours({ ...hours, days: days.map(Number).toSorted() })}
              >
                <Group mt="xs">
                  {dayNames.map((day, n) => (
                    <Checkbox key={day} value={String(n + 1)} label={t(`watching.days.${day}`)} />
                  ))}
                </Group>
              </Checkbox.Group>
            </Stack>
          </Fieldset>
        )}
        {rules.map(({ rule, ownThreshold, unit }) => (
          <Group key={rule} justify="space-between" align="flex-end" wrap="nowrap">
            <NumberInput
              flex={1}
              label={t(`alarms.rules.${rule}`)}
              description={t('watching.own', { own: ownThreshold })}
              min={1}
              allowDecimal={false}
              suffix={unit === 'percent' ? ' %' : ''}
              value={thresholds[rule] ?? ownThreshold}
              onChange={(value) =>
                setThresholds(without(thresholds, rule, value === ownThreshold ? undefined : Number(value)))
              }
            />
            <Switch
              pb={8}
              label={t('watching.mute')}
              aria-label={t('watching.muteRule', { rule: t(`alarms.rules.${rule}`) })}
              checked={muted.includes(rule)}
              onChange={({ currentTarget: { checked } }) =>
                setMuted(checked ? [...muted, rule] : muted.filter((each) => each !== rule))
              }
            />
          </Group>
        ))}
        <Button type="submit" disabled={!wanted.success} loading={change.isPending}>
          {t('watching.save')}
        </Button>
      </Stack>
    </form>
  );
}

function ordinaryHours() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return { timeZone, days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' };
}

/** The thresholds with another one for the rule, or with none of its own. */
function without(
  thresholds: WatchSettings['thresholds'],
  rule: WatchRule,
  threshold: number | undefined,
): WatchSettings['thresholds'] {
  const { [rule]: _, ...others } = thresholds;
  return threshold === undefined ? others : { ...others, [rule]: threshold };
}
