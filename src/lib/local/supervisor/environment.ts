export async function makeEnvironment(): Promise<{ folder: string } | { failure: string }> {
  return Promise.resolve({ failure: '' });
}
