export const pipeline = {
  title: 'Pipeline',
  hint: 'Several steps on this table, one after the other. A second person signs all of it, to the letter, before the first begins; each step is judged and charged as if you asked for it by itself.',
  document: 'Steps',
  fault: 'This is not a pipeline yet.',
  ask: 'Ask for this pipeline',
  steps: 'Steps of {{name}}, version {{version}}',
  kinds: {
    classify: 'Classify',
    mask: 'Mask',
    measure: 'Measure',
    synthesize: 'Synthesize',
    train: 'Train',
  },
  states: { open: 'to come', running: 'running', waiting: 'waits for signatures', done: 'done' },
};
