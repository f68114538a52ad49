import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useStop } from './deployment-queries.js';

export function StopButton({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const stop = useStop(name);
  return (
    <>
      <Button variant="default" leftSection={<Icon name="stop" size={15} />} onClick={open}>
        {t('deployments.stop')}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('deployments.stopTitle', { name })}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <Stack>
          {stop.error !== null && <RefusalNotice error={stop.error} />}
          <Text>{t('deployments.stopHint')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t('ui.cancel')}
            </Button>
            <Button
              color="red.8"
              loading={stop.isPending}
              onClick={() => stop.mutate(undefined, { onSuccess: close })}
            >
              {t('deployments.stop')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
