export const outliers = {
  title: 'Unusual records',
  hint: 'Records unlike all others: their places in the table and the columns that make them so, never their values. Only you, who brought the table in, can open this; each search and each look is in the audit log.',
  clusters: 'Groups of usual records',
  search: 'Search',
  open: 'Open here',
  looked:
    '{{rows}} records; {{sampled}} of them said what is usual, in {{clusters}} groups. A score is the distance from the nearest group, in that group’s own median distance.',
  picture: '{{count}} unusual records beside usual ones, on the first two principal components',
  first: 'First principal component',
  second: 'Second principal component',
  usual: 'Usual records (some)',
  unusual: 'Unusual records',
  record: 'Record {{row}}',
  none: 'No record stands out: each is within two and a half of its group’s median distance.',
  place: 'Place',
  score: 'Score',
  columns: 'Because of',
};
