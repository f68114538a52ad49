export async function runDemo(..._args: unknown[]): Promise<void> {}
