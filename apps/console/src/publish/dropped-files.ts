import type { DroppedFile } from './publish-version.js';

/** Files under the names they will have. A picked folder keeps its inner paths, without its own name. */
export function droppedFiles(files: Iterable<File>): DroppedFile[] {
  const named = Array.from(files, (file) => ({ file, path: innerPath(file) }));
  return [...new Map(named.map((each) => [each.path, each])).values()];
}

function innerPath({ name, webkitRelativePath }: File): string {
  return webkitRelativePath === '' ? name : webkitRelativePath.split('/').slice(1).join('/');
}
