export const reference = {
  declare: 'Declare a table of PostgreSQL',
  declareHint:
    'The table stays where it is. It is bounded and added up there, and only noisy sums are shown. The login is sealed: it must be able to read the table and to write nothing.',
  document: 'Declaration',
  documentFault: 'Not a declaration yet: JSON with a source, columns with their public bounds, and a limit.',
  user: 'User of the database',
  password: 'Password',
  declareAction: 'Declare and seal the login',
  sealed: '“{{name}}” can be asked.',
  source: 'Where the table is',
  sourceHint:
    'Nobody is told whether its rows have changed: that would be an answer. What was asked before stays free until its steward says that it is other data.',
  table: 'Table',
  server: 'Server',
  tls: 'Connection',
  tlsModes: { verify: 'encrypted, certificate checked', off: 'not encrypted' },
  timeout: 'A question may take',
  version: 'Data version',
  renew: 'It is other data now',
  renewHint: 'Questions are answered anew and charged to the same budget.',
  replaceLogin: 'Replace the login',
};
