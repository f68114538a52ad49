import { Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../ui/icon.js';
import styles from './drop-area.module.css';
import { type DroppedFile, droppedFiles, pickedFiles } from './dropped-files.js';

/** React's types don't know it; every browser does. */
const wholeFolder = { webkitdirectory: '' };

/** Takes files and folders by drag and drop, or by buttons for everybody who doesn't drag. */
export function DropArea({ onFiles }: { readonly onFiles: (files: readonly DroppedFile[]) => void }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void droppedFiles(event.dataTransfer).then(onFiles);
  };
  return (
    <div
      className={styles['area']}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap="md" justify="center">
        <Icon name="upload" size={26} />
        <Stack gap={0}>
          <Text fw={550}>{t('publish.drop')}</Text>
          <Text fz="sm" c="dimmed">
            {t('publish.dropHint')}
          </Text>
        </Stack>
        <FileButton
          onChange={(files) => onFiles(pickedFiles(files))}
          multiple
          inputProps={{ 'aria-label': t('publish.choose'), tabIndex: -1 }}
        >
          {(props) => (
            <Button variant="default" {...props}>
              {t('publish.choose')}
            </Button>
          )}
        </FileButton>
        <FileButton
          onChange={(files) => onFiles(pickedFiles(files))}
          multiple
          inputProps={{ 'aria-label': t('publish.chooseFolder'), tabIndex: -1, ...wholeFolder }}
        >
          {(props) => (
            <Button variant="default" {...props}>
              {t('publish.chooseFolder')}
            </Button>
          )}
        </FileButton>
      </Group>
    </div>
  );
}
