import type { FileMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { tableMalformed } from './table-malformed.js';

/** Far more than writers put into one, and few enough that a list of them is no harm. */
const MOST_VALUES_IN_PAGE = 2 ** 21;
const LARGEST_PAGE_BYTES = 2 ** 28;

/**
 * Looks at the headers of all pages before any is unpacked. A reader makes room for as many values as a page claims, in one
 * piece, and where there is no such room V8 ends the whole process, whichever thread asked.
 * @throws table_malformed
 */
export function requirePages(bytes: Uint8Array, { row_groups: groups }: FileMetaData): void {
  for (const { columns } of groups)
    for (const { meta_data: column } of columns) {
      if (column === undefined) throw tableMalformed('The index says nothing of a column.');
      const {
        dictionary_page_offset: dictionary,
        data_page_offset: data,
        total_compressed_size: size,
      } = column;
      const start = Number(dictionary === undefined || dictionary === 0n ? data : dictionary);
      const end = start + Number(size);
      if (start < 0 || end < start || end > bytes.length)
        throw tableMalformed('A column lies outside of the file.');
      requirePagesOf(bytes.subarray(start, end), Number(column.num_values));
    }
}

function requirePagesOf(chunk: Uint8Array, rows: number): void {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const reader = { view, offset: 0 };
  let seen = 0;
  while (seen < rows && reader.offset < chunk.length) {
    const header = headerAt(reader);
    const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
    const {
      data_page_header: first,
      data_page_header_v2: second,
      dictionary_page_header: dictionary,
    } = header;
    const claims = [first?.num_values, second?.num_values, second?.num_rows, dictionary?.num_values];
    const counts = claims.map((claim) => claim ?? 0);
    const sound = [packed, unpacked, ...counts].every((count) => Number.isSafeInteger(count) && count >= 0);
    const values = Math.max(...counts);
    if (!sound || values > MOST_VALUES_IN_PAGE || unpacked > LARGEST_PAGE_BYTES)
      throw tableMalformed(
        `A page claims ${values} values in ${unpacked} bytes; ${MOST_VALUES_IN_PAGE} and ${LARGEST_PAGE_BYTES} are the most.`,
      );
    if (header.type !== 'DICTIONARY_PAGE') seen += values;
    reader.offset += packed;
  }
  if (seen !== rows)
    throw tableMalformed(`The pages of a column have ${seen} rows, and the index says ${rows}.`);
}

function headerAt(reader: {
  view: DataView<ArrayBufferLike>;
  offset: number;
}): ReturnType<typeof parquetHeader> {
  try {
    return parquetHeader(reader as Parameters<typeof parquetHeader>[0]);
  } catch (cause) {
    throw tableMalformed('The header of a page can’t be read.', cause);
  }
}
