import { Code, Group, Table, Text } from '@mantine/core';
import type { DatasetColumn, DatasetDeclaration } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { Fact, Facts } from '../ui/facts.js';
import { Panel } from '../ui/panel.js';

const SHOWN_VALUES = 9;

/** What the steward declared: the unit of privacy, how much one unit may weigh, and the columns with their bounds. */
export function DeclarationPanel({
  declaration,
  declaredAt,
}: {
  readonly declaration: DatasetDeclaration;
  readonly declaredAt: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { privacyUnit, maxGroupsPerUnit, maxRowsPerGroup, columns, publicTables = [] } = declaration;
  const { legalBasis, retentionDays, onePartPerUnit, answerEverySeconds } = declaration;
  return (
    <Panel title={t('privacy.declaration')} hint={t('privacy.declarationHint')}>
      <Facts>
        <Fact name={t('privacy.unit')}>
          <Code>{privacyUnit}</Code>
        </Fact>
        <Fact name={t('privacy.accounting')}>
          {t(`privacy.accountings.${declaration.accounting ?? 'pure'}`)}
        </Fact>
        <Fact name={t('privacy.maxGroups')}>{format.number(maxGroupsPerUnit)}</Fact>
        <Fact name={t('privacy.maxRows')}>{format.number(maxRowsPerGroup)}</Fact>
        {onePartPerUnit !== undefined && (
          <Fact name={t('governance.onePart')}>
            <Code>{onePartPerUnit}</Code>
          </Fact>
        )}
        {answerEverySeconds !== undefined && (
          <Fact name={t('governance.answersEvery')}>{format.duration(answerEverySeconds)}</Fact>
        )}
        {publicTables.map(({ name, key, rows, columns: joined }) => (
          <Fact name={t('privacy.publicTable', { name })} key={name}>
            <Text fz="sm">
              {t('privacy.publicTableRows', {
                key,
                columns: joined.map((column) => column.name).join(', '),
                count: rows.length,
              })}
            </Text>
          </Fact>
        ))}
        {legalBasis !== undefined && <Fact name={t('protection.legalBasis')}>{legalBasis}</Fact>}
        {retentionDays !== undefined && (
          <Fact name={t('protection.keepUntil')}>{format.moment(daysAfter(declaredAt, retentionDays))}</Fact>
        )}
      </Facts>
      <Table verticalSpacing={6} mt="sm" highlightOnHover={false} aria-label={t('privacy.columns')}>
        <Table.Tbody>
          {columns.map((column) => (
            <Table.Tr key={column.name}>
              <Table.Td ff="monospace" fz="sm" w={120}>
                {column.name}
              </Table.Td>
              <Table.Td>
                <ColumnBounds column={column} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}

function daysAfter(at: string, days: number): string {
  return new Date(Date.parse(at) + days * 86_400_000).toISOString();
}

function ColumnBounds({ column }: { readonly column: DatasetColumn }) {
  const { t } = useTranslation();
  const format = useFormat();
  switch (column.type) {
    case 'id':
      return (
        <Text fz="sm" c="dimmed">
          {t('privacy.idColumn')}
        </Text>
      );
    case 'text':
      return (
        <Text fz="sm" c="dimmed">
          {t('privacy.textColumn')}
        </Text>
      );
    case 'number':
      return (
        <Text fz="sm">
          {t('privacy.numberColumn', {
            lower: format.number(column.lower),
            upper: format.number(column.upper),
          })}
        </Text>
      );
    case 'category':
      return (
        <Group gap={4}>
          {column.values.slice(0, SHOWN_VALUES).map((value) => (
            <Code key={value}>{value}</Code>
          ))}
          {column.values.length > SHOWN_VALUES && (
            <Text fz="xs" c="dimmed">
              {t('privacy.moreValues', { count: column.values.length - SHOWN_VALUES })}
            </Text>
          )}
        </Group>
      );
  }
}
