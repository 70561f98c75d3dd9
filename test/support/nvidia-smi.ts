import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with an `nvidia-smi` that lists so many GPUs, to be put on a PATH. The caller removes it. */
export function standInGpus(count: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'air-gpus-'));
  const program = join(folder, 'nvidia-smi');
  const rows = Array.from(
    { length: count },
    (_, index) => `${index}, NVIDIA A10, GPU-0000000${index}, 23028, 22000, 0`,
  );
  writeFileSync(program, `#!/bin/sh\ncat <<'END'\n${rows.join('\n')}\nEND\n`);
  chmodSync(program, 0o755);
  return folder;
}
