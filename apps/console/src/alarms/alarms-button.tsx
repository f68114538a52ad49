import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Icon } from '../ui/icon.js';
import { useOpenAlarms } from './alarm-queries.js';

/** Leads to the alarms, and says how many nobody has looked into. */
export function AlarmsButton() {
  const { t } = useTranslation();
  const { data: count = 0 } = useOpenAlarms();
  return (
    <Button
      component={Link}
      to="/audit/alarms"
      variant="default"
      leftSection={count > 0 && <Icon name="warning" size={16} />}
    >
      {count > 0 ? t('alarms.titleOpen', { count }) : t('alarms.title')}
    </Button>
  );
}
