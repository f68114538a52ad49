/** Is told how a backup or a restore gets on. */
export interface BackupWatch {
  say(text: string): void;
  transfer(label: string, totalBytes: number): { advance(bytes: number): void; done(): void };
}
