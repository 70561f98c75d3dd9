import { AirCommand, Flags, type Outcome } from '../lib/cli/command.js';
import type { DeviceRow, TypeRow } from '../lib/cli/views/gpu-tables.js';
import { styleOf } from '../lib/cli/terminal/style.js';
import { acceleratorTypes } from '../lib/compute/accelerators.js';
import { listDevices } from '../lib/compute/devices.js';
import { checkAcceleratorCount } from '../lib/compute/validation.js';
import { AirError } from '../lib/errors.js';

interface GpusData {
  types: TypeRow[];
  devices: DeviceRow[];
}

export default class Gpus extends AirCommand<GpusData> {
  static override reach = 'machine' as const;
  static override summary = 'show the GPU types a workload can ask for, and the GPUs of this machine';
  static override description =
    'The types are those of compute.accelerator_type; the GPUs of this machine are those that nvidia-smi lists.';
  static override flags = {
    count: Flags.integer({ char: 'n', summary: 'number of GPUs to work out the nodes for', helpValue: 'N' }),
  };
  static override examples = ['<%= config.bin %> gpus', '<%= config.bin %> gpus --count 16'];

  protected override async work(): Promise<Outcome<GpusData>> {
    const { flags } = await this.parse(Gpus);
    const { count } = flags;
    const problem = count === undefined ? undefined : checkAcceleratorCount(count, undefined);
    if (problem) throw new AirError('INVALID_ARGS', `--count ${count}: ${problem.message}`);
    const data = { types: typesFor(count), devices: await this.devices() };
    return {
      data,
      text: async (columns) => {
        const { deviceTable, typeTable } = await import('../lib/cli/views/gpu-tables.js');
        const style = styleOf(this.host.io.stdout, this.host.env);
        const here =
          data.devices.length === 0
            ? 'This machine has no GPU that nvidia-smi lists: local runs use its CPU.\n'
            : `GPUs of this machine\n${deviceTable(data.devices, style, columns)}`;
        return `${typeTable(data.types, count, style, columns)}\n${here}`;
      },
    };
  }

  private async devices(): Promise<DeviceRow[]> {
    return (await listDevices(this.host.env, this.signal)).map((device) => ({
      index: device.index,
      name: device.name,
      uuid: device.uuid,
      memory_total_mib: device.memoryTotalMiB,
      memory_free_mib: device.memoryFreeMiB,
      utilization_percent: device.utilizationPercent,
    }));
  }
}

function typesFor(count: number | undefined): TypeRow[] {
  return acceleratorTypes.map(({ name, displayName, gpusPerNode, memoryGB }) => ({
    accelerator_type: name,
    display_name: displayName,
    gpus_per_node: gpusPerNode,
    memory_gb: memoryGB,
    nodes: count === undefined || count % gpusPerNode !== 0 ? null : count / gpusPerNode,
  }));
}
