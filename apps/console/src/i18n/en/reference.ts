export const reference = {
  declare: 'Declare a table that stays where it is',
  declareHint:
    'A table of PostgreSQL is bounded and added up there; an object of a bucket is fetched into memory for each question. Only noisy sums are shown. The login is sealed: it must be able to read the table and to write nothing.',
  document: 'Declaration',
  documentFault: 'Not a declaration yet: JSON with a source, columns with their public bounds, and a limit.',
  place: 'Where the table is',
  places: { postgresql: 'PostgreSQL', s3: 'S3 bucket' },
  logins: {
    postgresql: { name: 'User of the database', secret: 'Password' },
    s3: { name: 'Access key ID', secret: 'Secret access key' },
  },
  declareAction: 'Declare and seal the login',
  sealed: '“{{name}}” can be asked.',
  source: 'Where the table is',
  hints: {
    postgresql:
      'Nobody is told whether its rows have changed: that would be an answer. What was asked before stays free until its steward says that it is other data.',
    s3: 'Questions are about the object that it was when the access key was sealed. One that has changed since ends a question, refunded, until its steward seals the key anew and says that it is other data.',
  },
  object: 'Object',
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
