import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Icon } from '../ui/icon.js';
import { type AuditFilter, filterNames } from './audit-queries.js';

/** Narrows the list; what is chosen stands in the address, so that a view can be shared. */
export function AuditFilters({ filter }: { readonly filter: AuditFilter }) {
  const { t } = useTranslation();
  const [, setParams] = useSearchParams();
  const set = (name: string, value: string | null) =>
    setParams(
      (current) => {
        if (value === null || value === '') current.delete(name);
        else current.set(name, value);
        return current;
      },
      { replace: true },
    );
  return (
    <Group gap="xs" align="flex-end">
      {(['text', 'action', 'actor', 'resource'] as const).map((name) => (
        <FilterText
          // A filter that was set from elsewhere (a click on an actor) starts the field anew.
          key={`${name}:${filter[name] === undefined ? '' : 'set'}`}
          name={name}
          value={filter[name] ?? ''}
          onChange={(value) => set(name, value)}
        />
      ))}
      <Select
        size="sm"
        w={140}
        label={t('audit.decision')}
        placeholder={t('audit.any')}
        data={[
          { value: 'allow', label: t('audit.decisions.allow') },
          { value: 'deny', label: t('audit.decisions.deny') },
        ]}
        value={filter.decision ?? null}
        onChange={(value) => set('decision', value)}
        clearable
      />
      {(['from', 'to'] as const).map((name) => (
        <TextInput
          key={name}
          type="datetime-local"
          size="sm"
          w={190}
          label={t(`audit.filters.${name}`)}
          value={localMinute(filter[name])}
          onChange={({ currentTarget: { value } }) =>
            set(name, value === '' ? null : new Date(value).toISOString())
          }
        />
      ))}
      {filterNames.some((name) => filter[name] !== undefined) && (
        <Button
          variant="subtle"
          size="sm"
          leftSection={<Icon name="cross" size={14} />}
          onClick={() => setParams({}, { replace: true })}
        >
          {t('audit.clear')}
        </Button>
      )}
    </Group>
  );
}

/** An instant as the browser's own date field has it: local time, to the minute. */
function localMinute(instant: string | undefined): string {
  const time = new Date(instant ?? '');
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function FilterText({
  name,
  value,
  onChange,
}: {
  readonly name: 'text' | 'action' | 'actor' | 'resource';
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const later = useDebouncedCallback(onChange, 300);
  return (
    <TextInput
      size="sm"
      w={name === 'text' ? 200 : 150}
      label={t(`audit.filters.${name}`)}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
      {...(name === 'text' ? { leftSection: <Icon name="search" size={15} />, type: 'search' } : {})}
    />
  );
}
