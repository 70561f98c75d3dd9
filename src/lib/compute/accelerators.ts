/** What a workload may ask for. Memory is per GPU, in GB, as the vendor states it. */
export interface AcceleratorType {
  readonly name: string;
  readonly gpusPerNode: number;
  readonly displayName: string;
  readonly memoryGB: number;
}

/** The GPU type table: the only place that knows a type. Order is the order shown to users. */
export const acceleratorTypes: readonly AcceleratorType[] = [
  { name: 'GPU_1xA10', gpusPerNode: 1, displayName: 'A10', memoryGB: 24 },
  { name: 'GPU_1xH100', gpusPerNode: 1, displayName: 'H100', memoryGB: 80 },
  { name: 'GPU_8xH100', gpusPerNode: 8, displayName: 'H100', memoryGB: 80 },
  { name: 'GPU_8xB300', gpusPerNode: 8, displayName: 'B300', memoryGB: 288 },
];

/** Names that historical runs carry. They can be shown, never asked for. */
const legacyDisplayNames: Readonly<Record<string, string>> = { a10: 'A10', h100_80gb: 'H100' };

export const acceleratorNames: readonly string[] = acceleratorTypes.map((type) => type.name);

export function findAccelerator(name: string): AcceleratorType | undefined {
  return acceleratorTypes.find((type) => type.name === name);
}

export function isLegacyAccelerator(name: string): boolean {
  return Object.hasOwn(legacyDisplayNames, name);
}

/** The short name people use (`H100`); a name that is in no table is shown as it is. */
export function displayName(name: string): string {
  return findAccelerator(name)?.displayName ?? legacyDisplayNames[name] ?? name;
}

/** How an allocation reads: `8x H100`. Empty when there is no count; `8x` when the type is unknown. */
export function acceleratorLabel(name: string | null | undefined, count: number | null | undefined): string {
  if (!count) return '';
  return name ? `${count}x ${displayName(name)}` : `${count}x`;
}

/**
 * GPUs on one node of this type.
 * @throws RangeError for a name that is in no table. Unreachable from a command: every path validates the
 * type first, so reaching it is a fault of ours.
 */
export function gpusPerNode(name: string): number {
  const type = findAccelerator(name);
  if (!type) throw new RangeError(`No GPU type is named ${JSON.stringify(name)}.`);
  return type.gpusPerNode;
}

/** Nodes that `count` GPUs of this type fill. `count` must have passed validation. */
export function nodeCount(name: string, count: number): number {
  return count / gpusPerNode(name);
}
