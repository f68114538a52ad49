import { Group, List, Text } from '@mantine/core';
import type { Finding, Version } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Digest } from '../ui/digest.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';

const tones: Readonly<Record<Finding['severity'], Tone>> = { info: 'idle', warning: 'wait', critical: 'bad' };

/** What the scan found in the files before anybody may load them. */
export function ScanPanel({ scan }: { readonly scan: NonNullable<Version['scan']> }) {
  const { t } = useTranslation();
  const { verdict, findings, digest } = scan;
  return (
    <Panel
      title={t('versions.scan')}
      hint={t(`versions.verdictHints.${verdict}`)}
      aside={<Pill tone={verdict === 'clean' ? 'good' : 'bad'}>{t(`versions.verdicts.${verdict}`)}</Pill>}
    >
      {findings.length > 0 && (
        <List listStyleType="none" spacing="sm" mb="md">
          {findings.map(({ code, severity, path, detail }) => (
            <List.Item key={`${code} ${path} ${detail}`}>
              <Group gap="xs">
                <Pill tone={tones[severity]}>{t(`versions.severities.${severity}`)}</Pill>
                <Text ff="monospace" fz="sm">
                  {path}
                </Text>
                <Text fz="xs" c="dimmed" ff="monospace">
                  {code}
                </Text>
              </Group>
              <Text fz="sm" mt={4}>
                {detail}
              </Text>
            </List.Item>
          ))}
        </List>
      )}
      <Text fz="sm" c="dimmed" component="div">
        {t('versions.report')} <Digest value={digest} label={t('versions.report')} />
      </Text>
    </Panel>
  );
}
