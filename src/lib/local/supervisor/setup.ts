import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptSpec, NodeSpec } from './folder.js';
import type { SetupSurroundings } from './setup-surroundings.js';

export interface Prepared {
  /** Why the run cannot start; undefined when it can. */
  failure?: string;
  /** What the setup adds to a node's environment. */
  envOf(node: NodeSpec): Record<string, string>;
}

/** Makes ready what the nodes need: their folders, the code, the packages. */
export async function prepare(spec: AttemptSpec, surroundings: SetupSurroundings): Promise<Prepared> {
  for (const node of spec.nodes) mkdirSync(node.workFolder, { recursive: true, mode: 0o700 });
  const { codeArchive, dependencies, environmentsFolder } = spec.setup;
  const codeFolders = new Map<number, string>();
  if (codeArchive !== undefined) {
    const { unpackCode } = await import('./code.js');
    for (const node of spec.nodes) {
      const unpacked = await unpackCode(codeArchive, join(node.workFolder, 'code_source'));
      if ('failure' in unpacked) return { failure: unpacked.failure, envOf: () => ({}) };
      codeFolders.set(node.index, unpacked.folder);
    }
  }
  let environment: string | undefined;
  if (dependencies !== undefined && dependencies.length > 0) {
    const { makeEnvironment } = await import('./environment.js');
    const made = await makeEnvironment(
      dependencies,
      environmentsFolder,
      spec.nodes[0]?.env ?? {},
      surroundings,
    );
    if ('failure' in made) return { failure: made.failure, envOf: () => ({}) };
    environment = made.folder;
  }
  return {
    envOf: (node) => {
      const code = codeFolders.get(node.index);
      return {
        ...(code === undefined ? {} : { CODE_SOURCE_PATH: code }),
        ...(environment === undefined
          ? {}
          : {
              VIRTUAL_ENV: environment,
              PATH: [join(environment, 'bin'), node.env['PATH']].filter(Boolean).join(':'),
            }),
      };
    },
  };
}
