import { execFile } from 'node:child_process';

/** A GPU of this machine, as its driver reports it. Memory in MiB; null where the driver does not say. */
export interface GpuDevice {
  readonly index: number;
  readonly name: string;
  readonly uuid: string | null;
  readonly memoryTotalMiB: number | null;
  readonly memoryFreeMiB: number | null;
  /** Share of the last moments in which it computed. */
  readonly utilizationPercent: number | null;
}

const fields = ['index', 'name', 'uuid', 'memory.total', 'memory.free', 'utilization.gpu'];
const patience = 5000;

/** The GPUs that `nvidia-smi` lists: none on a machine without it, or whose driver does not answer. */
export async function listDevices(
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<readonly GpuDevice[]> {
  const args = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
  const text = await new Promise<string>((resolve) => {
    execFile('nvidia-smi', args, { env, timeout: patience, ...(signal ? { signal } : {}) }, (error, stdout) =>
      resolve(error ? '' : stdout),
    );
  });
  return parseDevices(text);
}

/** Reads the lines of such a query. A line that is none is passed over. */
function parseDevices(text: string): GpuDevice[] {
  return text.split('\n').flatMap((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    const [index, name, uuid, total, free, utilization] = cells;
    const position = wholeNumber(index);
    if (position === null || !name) return [];
    return [
      {
        index: position,
        name,
        uuid: uuid?.startsWith('GPU-') ? uuid : null,
        memoryTotalMiB: wholeNumber(total),
        memoryFreeMiB: wholeNumber(free),
        utilizationPercent: wholeNumber(utilization),
      },
    ];
  });
}

/** `[N/A]` and the like are not known. */
function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
