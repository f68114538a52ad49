import { Button, Group, NumberInput, Stack, Table, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { EventClass, type ExpiryPreview, type Retention, type RetentionDays } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Moment } from '../ui/moment.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { usePreview, useSetRetention } from './retention-queries.js';

/** Days by class, and what would expire by the days that stand in the fields, saved or not. */
export function DaysPanel({ set }: { readonly set: Retention }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [days, setDays] = useState<RetentionDays>(set.days);
  const [settled] = useDebouncedValue(days, 400);
  const save = useSetRetention();
  const preview = usePreview(settled);
  const isChanged = EventClass.options.some((each) => days[each] !== set.days[each]);
  const mayChange = may('change:RetentionPolicy');
  return (
    <Panel
      title={t('retention.days')}
      hint={t('retention.daysHint')}
      aside={
        mayChange && (
          <Button disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate(days)}>
            {t('retention.save')}
          </Button>
        )
      }
    >
      <Stack gap="md">
        {save.error !== null && <RefusalNotice error={save.error} />}
        <Answer to={preview}>
          {(counted) => (
            <Classes set={set} days={days} counted={counted} {...(mayChange && { onChange: setDays })} />
          )}
        </Answer>
        {set.setBy !== undefined && (
          <Text fz="sm" c="dimmed">
            {t('retention.setBy', { who: set.setBy })} <Moment at={set.setAt ?? ''} />
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

interface ClassesProps {
  readonly set: Retention;
  readonly days: RetentionDays;
  readonly counted: ExpiryPreview;
  /** Absent for those who may only look. */
  readonly onChange?: (days: RetentionDays) => void;
}

function Classes({ set, days, counted, onChange }: ClassesProps) {
  const { t } = useTranslation();
  const change = (kind: EventClass, value: number | undefined) => {
    const { [kind]: _, ...others } = days;
    onChange?.(value === undefined ? others : { ...others, [kind]: value });
  };
  return (
    <>
      <Table.ScrollContainer minWidth={760} type="native">
        <Table aria-label={t('retention.days')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('retention.class')}</Table.Th>
              <Table.Th>{t('retention.keptFor')}</Table.Th>
              <Table.Th ta="right">{t('retention.atLeast')}</Table.Th>
              <Table.Th ta="right">{t('retention.wouldExpire')}</Table.Th>
              <Table.Th ta="right">{t('retention.held')}</Table.Th>
              <Table.Th>{t('retention.from')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {EventClass.options.map((kind) => {
              const count = counted.classes.find((each) => each.class === kind);
              return (
                <Table.Tr key={kind}>
                  <Table.Td>
                    <Text fz="sm" fw={600}>
                      {t(`retention.classes.${kind}`)}
                    </Text>
                    <Text fz="sm" c="dimmed">
                      {t(`retention.classHints.${kind}`)}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <NumberInput
                      aria-label={t('retention.daysOf', { kind: t(`retention.classes.${kind}`) })}
                      placeholder={t('retention.forEver')}
                      w={170}
                      min={set.minima[kind]}
                      max={36_525}
                      clampBehavior="none"
                      allowDecimal={false}
                      suffix={` ${t('retention.unit')}`}
                      value={days[kind] ?? ''}
                      readOnly={onChange === undefined}
                      error={(days[kind] ?? Infinity) < set.minima[kind] && t('retention.tooFew')}
                      onChange={(value) => change(kind, value === '' ? undefined : Number(value))}
                    />
                  </Table.Td>
                  <Table.Td ta="right">{set.minima[kind]}</Table.Td>
                  <Table.Td ta="right">{count?.expires ?? 0}</Table.Td>
                  <Table.Td ta="right">{count?.held ?? 0}</Table.Td>
                  <Table.Td c="dimmed">
                    {count?.oldest !== undefined && <Moment at={count.oldest} />}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="space-between">
        <Text fz="sm" c="dimmed">
          {t('retention.lookedThrough', { scanned: counted.scanned, size: counted.treeSize })}
        </Text>
      </Group>
    </>
  );
}
