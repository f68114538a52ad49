import { type ByteSource } from '../format/byte-source.js';
import { looksLikeOnnx, readOnnx, type ExternalData } from '../format/onnx-model.js';
import { type Finding } from './finding.js';
import { leavesFolder, type InspectedFile } from './inspected-file.js';

/** Operator domains that ONNX Runtime brings with it. */
const KNOWN_DOMAIN =
  /^(|ai\.onnx(\.ml|\.training|\.preview|\.preview\.training)?|com\.microsoft(\.[a-z]+)?)$/;

/** External data must lie inside the version and be as long as the tensors say; operators must need no native library. */
export function* inspectOnnx({ path, source, files }: InspectedFile): Generator<Finding> {
  const { externalData, operators, functionDomains } = readOnnx(source);
  for (const data of externalData) yield* inspectExternalData(path, data, files);
  for (const operator of operators) {
    const domain = operator.slice(0, operator.indexOf('::'));
    if (KNOWN_DOMAIN.test(domain) || functionDomains.has(domain)) continue;
    const detail = `The operator ${operator} would need a native library of its author's.`;
    yield { code: 'onnx_custom_operator', severity: 'critical', path, detail };
  }
}

/** External data that stays inside the version: the path of its file, beside the model's own. */
export function externalDataPath(modelPath: string, location: string): string {
  const folder = modelPath.slice(0, modelPath.lastIndexOf('/') + 1);
  return folder + location.replace(/^(\.\/)+/, '');
}

/** The files that the ONNX models among these keep tensors in. A model that can't be read refers to none. */
export function externalDataFiles(files: ReadonlyMap<string, ByteSource>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [path, source] of files) {
    if (!looksLikeOnnx(source)) continue;
    try {
      for (const { location } of readOnnx(source).externalData) found.add(externalDataPath(path, location));
    } catch {
      continue;
    }
  }
  return found;
}

function* inspectExternalData(
  path: string,
  data: ExternalData,
  files: InspectedFile['files'],
): Generator<Finding> {
  const { tensor, location, offset, length } = data;
  const subject = `Tensor "${tensor}" keeps its data in "${location}"`;
  if (leavesFolder(location)) {
    const detail = `${subject}, outside the version.`;
    yield { code: 'onnx_external_path_escapes', severity: 'critical', path, detail };
    return;
  }
  const file = files.get(externalDataPath(path, location));
  if (file === undefined) {
    const detail = `${subject}, which is not in the version.`;
    yield { code: 'onnx_external_data_missing', severity: 'critical', path, detail };
  } else if (offset + (length ?? 0n) > BigInt(file.size)) {
    const detail = `${subject}, which is too short.`;
    yield { code: 'onnx_external_data_short', severity: 'critical', path, detail };
  }
}
