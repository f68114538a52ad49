/** Colours that follow the scheme, for charts that are drawn as SVG. */
export const gridColor = 'var(--castellan-line)';
export const inkColor = 'var(--castellan-chart)';

export const axisStyle = {
  stroke: 'var(--castellan-line)',
  tick: { fill: 'var(--mantine-color-dimmed)', fontSize: 12 },
  tickLine: false,
} as const;
