import { Button, Group } from '@mantine/core';
import type { Destruction } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session-context.js';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { CancelDialog } from './cancel-dialog.js';
import { useSaveCertificate } from './destruction-queries.js';
import { OrderDialog } from './order-dialog.js';

/** What can be done about a destruction as it stands: sign as the second person, take an order back, take the proof. */
export function DestructionActions({ destruction }: { readonly destruction: Destruction }) {
  const { t } = useTranslation();
  const { me, may } = useSession();
  const [signing, setSigning] = useState(false);
  const [cancelling, setCancelling] = useState<Destruction['orders'][number]>();
  const save = useSaveCertificate();
  const { state, orders, name, target, targetId } = destruction;
  const maySign = may('submit:TrustDocument');
  const lacksSecond = state === 'awaiting-second' && orders.every(({ person }) => person !== me.name);
  return (
    <>
      <Group gap="xs" wrap="nowrap">
        {state === 'destroyed' && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Icon name="download" size={15} />}
            loading={save.isPending}
            onClick={() => save.mutate({ targetId, name })}
          >
            {t('destruction.certificate')}
          </Button>
        )}
        {lacksSecond && maySign && (
          <Button size="compact-sm" color="red.8" onClick={() => setSigning(true)}>
            {t('destruction.second')}
          </Button>
        )}
        {maySign &&
          orders.map((order) => (
            <Button
              key={order.digest}
              size="compact-sm"
              variant="default"
              onClick={() => setCancelling(order)}
            >
              {t('destruction.cancel', { person: order.person })}
            </Button>
          ))}
      </Group>
      {save.error !== null && <RefusalNotice error={save.error} />}
      {signing && <OrderDialog about={{ target, name }} onClose={() => setSigning(false)} />}
      {cancelling !== undefined && (
        <CancelDialog order={cancelling} name={name} onClose={() => setCancelling(undefined)} />
      )}
    </>
  );
}
