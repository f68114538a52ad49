import type { SynthesisPrice } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';
import { Pill } from '../../ui/pill.js';
import { alike, lossText } from '../loss-text.js';
import { PriceBox, PriceLine, Pricing } from '../price-box.js';

/** The price of a synthetic table and how noisy its counts would be, before anything is paid. */
export function SynthesisPriceNote({
  price,
  fresh,
}: {
  readonly price: SynthesisPrice | undefined;
  readonly fresh: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (price === undefined) return <Pricing />;
  const { single, pair, candidates } = price;
  return (
    <PriceBox
      figure="synthesis-price"
      price={t('privacy.price', { loss: lossText(price) })}
      free={price.free && <Pill tone="good">{t('synthesis.alreadyMade')}</Pill>}
      remains={t('privacy.leftNow', { loss: alike(price, price.remaining) })}
      fresh={fresh}
    >
      <PriceLine>
        {t('synthesis.singles', {
          count: single.marginals,
          interval: format.number(single.interval95),
          mechanism: single.mechanism.replaceAll('_', ' '),
        })}
      </PriceLine>
      {pair && (
        <PriceLine>
          {t('synthesis.pairs', {
            count: pair.marginals,
            candidates,
            interval: format.number(pair.interval95),
          })}
        </PriceLine>
      )}
    </PriceBox>
  );
}
