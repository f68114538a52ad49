import type { QueryPrice } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { Pill } from '../ui/pill.js';
import { alike, lossText } from './loss-text.js';
import { PriceBox, PriceLine, Pricing } from './price-box.js';
import { SelectionNote } from './selection-note.js';
import { noisesOf } from './noises-of.js';

/** The price and the noise of an answer, before anything is paid. */
export function PriceNote({
  price,
  fresh,
}: {
  readonly price: QueryPrice | undefined;
  readonly fresh: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (price === undefined) return <Pricing />;
  const { delta } = price;
  const measures = price.columns.filter(({ kind }) => kind === 'measure');
  return (
    <PriceBox
      figure="price"
      price={`${t('privacy.price', { loss: lossText(price) })}${delta === undefined ? '' : ` · δ ${delta}`}`}
      free={price.free && <Pill tone="good">{t('privacy.alreadyAnswered')}</Pill>}
      remains={t('privacy.leftNow', { loss: alike(price, price.remaining) })}
      fresh={fresh}
    >
      <SelectionNote selection={price.selection} />
      {measures.flatMap(noisesOf).map(({ key, text, figures }) => (
        <PriceLine key={key}>
          {t(text, {
            name: figures.name,
            mechanism: figures.mechanism.replaceAll('_', ' '),
            interval: format.number(figures.interval),
            sensitivity: format.number(figures.sensitivity),
          })}
        </PriceLine>
      ))}
    </PriceBox>
  );
}
