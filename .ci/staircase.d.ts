export const packageFolders: readonly string[];
export function violation(file: string, specifier: string): string | undefined;
