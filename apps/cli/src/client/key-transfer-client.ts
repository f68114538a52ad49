import {
  ExportedKeys,
  ImportedKeys,
  KeyExportList,
  KeyRecipient,
  type ExportKeys,
  type ImportKeys,
} from '@castellan/contracts';
import type { HttpConnection } from './http-connection.js';

/** Projects' keys on their way from platform to platform. */
export class KeyTransferClient {
  constructor(private readonly connection: HttpConnection) {}

  exports() {
    return this.connection.json(KeyExportList, 'GET', '/api/v1/key-exports');
  }

  export(request: ExportKeys) {
    return this.connection.json(ExportedKeys, 'POST', '/api/v1/key-exports', { json: request });
  }

  createRecipient() {
    return this.connection.json(KeyRecipient, 'POST', '/api/v1/key-recipients', { json: {} });
  }

  import(request: ImportKeys) {
    return this.connection.json(ImportedKeys, 'POST', '/api/v1/key-imports', { json: request });
  }
}
