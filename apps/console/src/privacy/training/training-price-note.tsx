import type { TrainingPrice } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.js';
import { alike, lossText } from '../loss-text.js';
import { PriceBox, PriceLine, Pricing } from '../price-box.js';

/** The price of a training and the noise of its steps, before anything is paid. */
export function TrainingPriceNote({
  price,
  fresh,
}: {
  readonly price: TrainingPrice | undefined;
  readonly fresh: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (price === undefined) return <Pricing />;
  return (
    <PriceBox
      figure="training-price"
      price={t('training.price', { loss: lossText(price), delta: price.delta })}
      remains={t('training.leftNow', { loss: alike(price, price.remaining), delta: price.remainingDelta })}
      fresh={fresh}
    >
      <PriceLine>
        {t(price.base === undefined ? 'training.noise' : 'training.noiseOnBase', {
          noise: price.noise,
          parameters: format.number(price.parameters),
        })}
      </PriceLine>
      {price.base !== undefined && <PriceLine>{t('training.onBase', { base: price.base })}</PriceLine>}
    </PriceBox>
  );
}
