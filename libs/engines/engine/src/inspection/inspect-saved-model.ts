import { savedModelOperators } from '../format/saved-model.js';
import { type Finding } from './finding.js';
import { type InspectedFile } from './inspected-file.js';

/** Operators with which a graph reads, writes or runs things outside itself. */
const REACHES_OUT =
  /^(ReadFile|WriteFile|MatchingFiles|Save|SaveV2|SaveSlices|Restore|RestoreV2|RestoreSlice|MergeV2Checkpoints|PyFunc|PyFuncStateless|EagerPyFunc|ShellExecute|DebugIdentityV\d|PrintV2|FixedLengthRecordReaderV?2?|TextLineReaderV?2?|WholeFileReaderV?2?|TFRecordReaderV?2?|TextLineDataset|TFRecordDataset|FixedLengthRecordDatasetV?2?|LoadLibrary|RemoteCall)$/;

/** What every SavedModel has for its own variables; named, because they too take paths at run time. */
const EXPECTED = new Set(['SaveV2', 'RestoreV2', 'MergeV2Checkpoints']);

export function* inspectSavedModel({ path, source }: InspectedFile): Generator<Finding> {
  for (const operator of savedModelOperators(source)) {
    if (!REACHES_OUT.test(operator)) continue;
    const severity = EXPECTED.has(operator) ? 'info' : 'critical';
    const detail = `The graph holds ${operator}, which reaches outside the model.`;
    yield { code: 'tensorflow_file_operator', severity, path, detail };
  }
}
