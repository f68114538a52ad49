import { Button, type ButtonProps, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { UseMutationResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { RefusalNotice } from '../ui/refusal-notice.js';

/** A button that says what it will do before it does it. */
export function ConfirmButton<Answer>({
  label,
  title,
  hint,
  color,
  action,
  about,
  ...button
}: ButtonProps & {
  readonly label: string;
  readonly title: string;
  readonly hint: string;
  readonly color: string;
  readonly action: UseMutationResult<Answer, Error, number>;
  readonly about: number;
}) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" {...button} onClick={open}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Stack>
          {action.error !== null && <RefusalNotice error={action.error} />}
          <Text>{hint}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t('ui.cancel')}
            </Button>
            <Button
              color={color}
              loading={action.isPending}
              onClick={() => action.mutate(about, { onSuccess: close })}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
