import { keepSharedServer } from '../../../libs/platform/database/src/testing/shared-server.ts';

let letGo;

/** Before all suites: the database server that they share runs on between them. */
export default async function keepDatabase() {
  letGo = await keepSharedServer();
}

export const stopDatabase = () => letGo?.();
