/** A file that somebody dropped, under the path that it will have in the version. */
export interface DroppedFile {
  readonly path: string;
  readonly file: File;
}

/**
 * Files under the names they will have. A picked folder keeps its inner paths, without its own name; what it hides (`.git`,
 * `.DS_Store`) is left out.
 */
export function pickedFiles(files: Iterable<File>): DroppedFile[] {
  return Array.from(files, (file) => ({
    file,
    path: innerPath(file.webkitRelativePath) || file.name,
  })).filter(({ path }) => !isHidden(path));
}

/** What was dropped: files, and everything in folders. Reads the list before it waits, as browsers demand. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<DroppedFile[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return pickedFiles(files);
  const found = await Promise.all(entries.map(filesIn));
  return found
    .flat()
    .map(({ file, path }) => ({ file, path: innerPath(path) || file.name }))
    .filter(({ path }) => !isHidden(path));
}

/** Both, where a later file of a path stands for an earlier one. */
export function together(files: readonly DroppedFile[]): DroppedFile[] {
  return [...new Map(files.map((each) => [each.path, each])).values()];
}

async function filesIn(entry: FileSystemEntry): Promise<DroppedFile[]> {
  if (isFolder(entry)) return (await Promise.all((await entriesOf(entry)).map(filesIn))).flat();
  if (!isFile(entry)) return [];
  const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  return [{ file, path: entry.fullPath.slice(1) }];
}

/** A reader gives a hundred at a time, and then none. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function innerPath(path: string): string {
  return path.split('/').slice(1).join('/');
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.'));
}
