import { Button, Code, Group, MultiSelect, Stack, Table, Text } from '@mantine/core';
import {
  PersonalDataKind,
  personalDataKinds,
  type ClassificationEvidence,
  type ColumnKind,
  type Dataset,
} from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { useSession } from '../session/session-context.js';
import { Icon } from '../ui/icon.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { useConfirmClassification } from './task-queries.js';

/** From this confidence on a proposal is taken over into what the steward confirms. */
const LIKELY = 0.5;

interface ClassificationTableProps {
  readonly dataset: Dataset;
  readonly found: readonly { readonly name: string; readonly kinds: readonly ColumnKind[] }[];
  readonly evidence: ClassificationEvidence | undefined;
}

/** Column by column: what was found, how surely, masked samples once they are opened, and the steward's word. */
export function ClassificationTable({ dataset, found, evidence }: ClassificationTableProps) {
  const { t } = useTranslation();
  const { may } = useSession();
  const confirm = useConfirmClassification(dataset.id);
  const [said, setSaid] = useState(() => startingWord(dataset, found));
  const steward = may('classify:Dataset', dataset.project);
  return (
    <Stack gap="sm">
      <Table.ScrollContainer minWidth={760} type="native">
        <Table verticalSpacing="xs" aria-label={t('protection.classification')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('protection.column')}</Table.Th>
              <Table.Th>{t('protection.found')}</Table.Th>
              {evidence !== undefined && <Table.Th>{t('protection.samples')}</Table.Th>}
              <Table.Th w={320}>{t('protection.holds')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {dataset.declaration.columns.map(({ name }) => (
              <Table.Tr key={name}>
                <Table.Td ff="monospace" fz="sm">
                  {name}
                </Table.Td>
                <Table.Td>
                  <FoundKinds kinds={found.find((column) => column.name === name)?.kinds} />
                </Table.Td>
                {evidence !== undefined && (
                  <Table.Td>
                    <Samples column={evidence.columns.find((column) => column.name === name)} />
                  </Table.Td>
                )}
                <Table.Td>
                  <KindsSaid
                    column={name}
                    kinds={said.get(name) ?? []}
                    onChange={steward ? (kinds) => setSaid(new Map(said).set(name, kinds)) : undefined}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {confirm.error !== null && <RefusalNotice error={confirm.error} />}
      {steward && (
        <Group justify="flex-end">
          <Button
            leftSection={<Icon name="check" />}
            loading={confirm.isPending}
            onClick={() => confirm.mutate({ columns: [...said].map(([name, kinds]) => ({ name, kinds })) })}
          >
            {t('protection.confirm')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** What was confirmed before; else what is likely. */
function startingWord(
  { declaration, classification }: Dataset,
  found: ClassificationTableProps['found'],
): ReadonlyMap<string, PersonalDataKind[]> {
  return new Map(
    declaration.columns.map(({ name }) => {
      const confirmed = classification?.columns.find((column) => column.name === name)?.kinds;
      const likely = found
        .find((column) => column.name === name)
        ?.kinds.filter((kind) => kind.confidence >= LIKELY);
      return [name, confirmed ?? likely?.map(({ kind }) => kind) ?? []];
    }),
  );
}

function FoundKinds({ kinds }: { readonly kinds: readonly ColumnKind[] | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (kinds === undefined || kinds.length === 0)
    return (
      <Text fz="sm" c="dimmed">
        {t(kinds === undefined ? 'protection.notLooked' : 'protection.nothingFound')}
      </Text>
    );
  return (
    <Stack gap={2}>
      {kinds.map(({ kind, confidence }) => (
        <Text key={kind} fz="sm">
          {`${t(`protection.kinds.${kind}`)} · ${confidence === 0 ? t('protection.few') : format.percent(confidence)}`}
        </Text>
      ))}
    </Stack>
  );
}

function Samples({ column }: { readonly column: ClassificationEvidence['columns'][number] | undefined }) {
  const { t } = useTranslation();
  return (
    <Stack gap={2}>
      {column?.findings.map(({ kind, whole, within, of, evidence }) => (
        <div key={kind}>
          <Text fz="xs" c="dimmed">
            {t('protection.valuesOf', { some: whole + within, of })}
          </Text>
          {evidence.map((sample) => (
            <Code key={sample}>{sample}</Code>
          ))}
        </div>
      ))}
    </Stack>
  );
}

function KindsSaid({
  column,
  kinds,
  onChange,
}: {
  readonly column: string;
  readonly kinds: PersonalDataKind[];
  readonly onChange: ((kinds: PersonalDataKind[]) => void) | undefined;
}) {
  const { t } = useTranslation();
  if (onChange === undefined)
    return <Text fz="sm">{kinds.map((kind) => t(`protection.kinds.${kind}`)).join(', ') || '–'}</Text>;
  return (
    <MultiSelect
      aria-label={t('protection.holdsIn', { column })}
      size="xs"
      placeholder={kinds.length === 0 ? t('protection.notPersonal') : ''}
      data={personalDataKinds.map((kind) => ({ value: kind, label: t(`protection.kinds.${kind}`) }))}
      value={kinds}
      onChange={(values) => onChange(PersonalDataKind.array().parse(values))}
    />
  );
}
