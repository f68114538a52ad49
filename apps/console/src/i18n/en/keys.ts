export const keys = {
  title: 'Keys',
  subtitle:
    'Each project has a key-encryption key that wraps the keys of its files. Rotating it touches no file: only the wrapping is made anew.',
  none: 'No key yet: the first upload makes one.',
  version: 'Version',
  dataKeys: 'Data keys',
  states: { current: 'In use', previous: 'Older', retired: 'Destroyed' },
  rotate: 'Rotate',
  rotateTitle: 'Rotate the key of {{project}}?',
  rotateHint:
    'Version {{next}} is used for new data at once. A job then re-wraps what rests on older versions; models go on serving.',
  retire: 'Destroy',
  retireTitle: 'Destroy version {{version}} of the key of {{project}}?',
  retireHint:
    'Nothing rests on it any more. After this it can’t come back: backups of the database from before the re-wrapping can no longer be opened.',
  counting: 'Counting data keys',
  moved: '{{moved}} of {{total}} data keys re-wrapped',
  cancel: 'Stop',
  resume: 'Re-wrap the rest',
  left_one: '{{count}} data key rests on an older version.',
  left_other: '{{count}} data keys rest on older versions.',
  unopenedHint: 'Some did not open: their rows were changed. The audit log names them.',
  rotations: {
    running: 'Re-wrapping data keys',
    cancelled: 'Re-wrapping was stopped',
    done: 'Some data came in while its key was rotated',
    incomplete: 'Not every data key could be re-wrapped',
    failed: 'The rotation was refused',
  },
};
