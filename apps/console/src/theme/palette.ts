import type { MantineColorsTuple } from '@mantine/core';

/** Ink blue: what can be clicked. */
export const ink: MantineColorsTuple = [
  '#eef2fb',
  '#dbe2f3',
  '#b5c3e6',
  '#8ca2d9',
  '#6a86ce',
  '#5474c8',
  '#486bc6',
  '#3959af',
  '#304f9d',
  '#24448c',
];

/** Grounds and text of the dark scheme, a little blue so that they sit with the ink. */
export const dark: MantineColorsTuple = [
  '#dfe3ec',
  '#bcc3d0',
  '#97a0b2',
  '#6b7488',
  '#454d5f',
  '#353c4b',
  '#272d3a',
  '#1b202a',
  '#13171f',
  '#0c0f15',
];
