export const ui = {
  actions: 'Actions',
  cancel: 'Cancel',
  close: 'Close',
  copied: 'Copied',
  copyThis: 'Copy: {{what}}',
  hiddenByFilter_one: '{{count}} hidden by the filter',
  hiddenByFilter_other: '{{count}} hidden by the filter',
  loading: 'Loading',
  refused: 'This was refused',
  required: 'Required',
};

export const shell = {
  product: 'Castellan',
  skip: 'Skip to content',
  navigation: 'Main navigation',
  language: 'Language: {{current}}',
  appearance: 'Appearance',
  schemes: { light: 'Light', dark: 'Dark', auto: 'As the system' },
  rooms: {
    models: 'Models',
    deployments: 'Deployments',
    privacy: 'Privacy',
    keys: 'Keys',
    audit: 'Audit log',
    signingKey: 'My signing key',
  },
  notFound: 'Page not found',
  nothingAtAddress: 'There is nothing at this address.',
  toStart: 'To the start page',
  fault: 'The console failed',
  reload: 'Reload',
};
