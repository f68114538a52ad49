import type { Trace, TraceNode } from '@castellan/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Panel } from '../ui/panel.js';
import { BOX, lineageOf, type LineageBox } from './lineage-layout.js';
import styles from './lineage-graph.module.css';
import { kindKey } from './trace-kind.js';

/** Characters of a name that fit into a box. */
const FITS = 22;

/** The way from protected tables to predictions, as a picture. The lists below it say the same in words. */
export function LineageGraph({ trace }: { readonly trace: Trace }) {
  const { t } = useTranslation();
  const { boxes, edges, width, height } = lineageOf(trace);
  const subject = boxes.find(({ node }) => node.id === trace.subject);
  const atSubject = (frame: HTMLDivElement | null): void => {
    if (frame !== null && subject !== undefined)
      frame.scrollLeft = subject.x - (frame.clientWidth - BOX.width) / 2;
  };
  if (edges.length === 0) return null;
  return (
    <Panel title={t('trace.lineage')} hint={t('trace.lineageHint')}>
      <div className={styles['frame']} ref={atSubject}>
        <svg width={width} height={height} role="group" aria-label={t('trace.lineage')}>
          <g aria-hidden>
            {edges.map(({ from, to }) => (
              <path key={`${from.node.id} ${to.node.id}`} className={styles['edge']} d={curve(to, from)} />
            ))}
          </g>
          {boxes.map((box) => (
            <Box key={box.node.id} box={box} isSubject={box.node.id === trace.subject} />
          ))}
        </svg>
      </div>
    </Panel>
  );
}

function Box({ box, isSubject }: { readonly box: LineageBox; readonly isSubject: boolean }) {
  const { t } = useTranslation();
  const { node, count, x, y } = box;
  const kind = t(`trace.kinds.${kindKey(node.kind)}`);
  const label = count > 1 ? t('trace.newestPredictions', { count }) : node.label;
  const to = isSubject ? undefined : pathOf(node, count);
  const picture = (
    <g transform={`translate(${x}, ${y})`} className={styles['box']} data-subject={isSubject}>
      <rect width={BOX.width} height={BOX.height} rx={8} />
      <text x={12} y={22} className={styles['kind']}>
        {kind}
      </text>
      <text x={12} y={42} className={styles['label']}>
        {label.length > FITS ? `${label.slice(0, FITS - 1)}…` : label}
      </text>
    </g>
  );
  if (to === undefined) return picture;
  return <Link to={to}>{picture}</Link>;
}

/** Where a thing is traced itself, or else its leaf. */
function pathOf({ kind, label, eventId }: TraceNode, count: number): string | undefined {
  if (kind === 'version' || kind === 'deployment' || kind === 'dataset')
    return `/trace/${kind}/${encodeURIComponent(label)}`;
  if (eventId === undefined || count > 1) return undefined;
  return kind === 'prediction' ? `/trace/prediction/${eventId}` : `/audit/events/${eventId}`;
}

function curve(left: LineageBox, right: LineageBox): string {
  const [x1, y1] = [left.x + BOX.width, left.y + BOX.height / 2];
  const [x2, y2] = [right.x, right.y + BOX.height / 2];
  const bend = (x2 - x1) / 2;
  return `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`;
}
