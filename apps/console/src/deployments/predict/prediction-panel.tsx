import { Button, Group, SegmentedControl, Stack } from '@mantine/core';
import type { ModelSignature } from '@castellan/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/panel.js';
import { RefusalNotice } from '../../ui/refusal-notice.js';
import { usePredict } from '../deployment-queries.js';
import { drawnInput, isDrawable, zeros } from '../tensor-shape.js';
import { CurlLine } from './curl-line.js';
import { DrawingPad } from './drawing-pad.js';
import { example } from './example-digit.js';
import { JsonInput } from './json-input.js';
import { PredictionAnswer } from './prediction-answer.js';

type Mode = 'draw' | 'json';

/** Asks a deployment: by drawing where its input is a small picture, by JSON always. */
export function PredictionPanel({
  name,
  signature,
}: {
  readonly name: string;
  readonly signature: ModelSignature | undefined;
}) {
  const { t } = useTranslation();
  const predict = usePredict(name);
  const drawable = signature?.inputs.length === 1 ? signature.inputs.find(isDrawable) : undefined;
  const [mode, setMode] = useState<Mode>(drawable === undefined ? 'json' : 'draw');
  const [pixels, setPixels] = useState<readonly number[]>(example);
  const [text, setText] = useState(() => JSON.stringify(startingInput(signature)));
  const drawing = mode === 'draw' && drawable !== undefined;
  const input = drawing ? drawnInput(drawable, pixels) : readJson(text);
  const switchTo = (next: Mode) => {
    if (next === 'json' && drawable !== undefined) setText(JSON.stringify(drawnInput(drawable, pixels)));
    setMode(next);
  };
  return (
    <Panel
      title={t('predict.title')}
      hint={t('predict.hint')}
      aside={
        drawable !== undefined && (
          <SegmentedControl
            size="xs"
            value={mode}
            onChange={(value) => switchTo(value === 'draw' ? 'draw' : 'json')}
            data={[
              { value: 'draw', label: t('predict.draw') },
              { value: 'json', label: t('predict.json') },
            ]}
            aria-label={t('predict.inputMode')}
          />
        )
      }
    >
      <Stack gap="lg">
        <Group align="flex-start" gap="xl">
          <Stack flex={drawing ? undefined : 1}>
            {drawing ? (
              <DrawingPad pixels={pixels} onChange={setPixels} />
            ) : (
              <JsonInput text={text} onChange={setText} valid={input !== undefined} signature={signature} />
            )}
            <Button
              leftSection={<Icon name="play" size={16} />}
              disabled={input === undefined}
              loading={predict.isPending}
              onClick={() => predict.mutate(input)}
            >
              {t('predict.predict')}
            </Button>
          </Stack>
          <Stack flex={1} miw={drawing ? 280 : '100%'}>
            {predict.error !== null && <RefusalNotice error={predict.error} />}
            <PredictionAnswer prediction={predict.data} />
          </Stack>
        </Group>
        {input !== undefined && <CurlLine name={name} input={input} />}
      </Stack>
    </Panel>
  );
}

/** One tensor is sent bare, several by name. */
function startingInput(signature: ModelSignature | undefined): unknown {
  const [only, ...others] = signature?.inputs ?? [];
  if (only === undefined) return [];
  if (others.length === 0) return zeros(only.shape);
  return Object.fromEntries([only, ...others].map(({ name, shape }) => [name, zeros(shape)]));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
