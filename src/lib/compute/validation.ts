import { nearest } from '../nearest.js';
import {
  acceleratorNames,
  acceleratorTypes,
  displayName,
  findAccelerator,
  isLegacyAccelerator,
} from './accelerators.js';

/** The server accepts at most this many GPUs in one workload. */
export const maxAccelerators = 1024;

export interface ComputeProblem {
  readonly field: 'accelerator_type' | 'num_accelerators';
  readonly message: string;
  readonly hint?: string;
}

const validTypes = `Valid types: ${acceleratorNames.join(', ')}.`;

/** What is wrong with an accelerator type, if anything. Names are exact and case-sensitive. */
export function checkAcceleratorType(name: string): ComputeProblem | undefined {
  if (findAccelerator(name)) return undefined;
  const field = 'accelerator_type';
  const value = JSON.stringify(name);
  if (name === '') return { field, message: `The GPU type is empty. ${validTypes}` };
  if (isLegacyAccelerator(name)) {
    return {
      field,
      message: `${value} is the name of a GPU type in old runs and can no longer be asked for. ${validTypes}`,
      ...meantHint(displayName(name)),
    };
  }
  return {
    field,
    message: `${value} is not a GPU type: names are exact, upper and lower case included. ${validTypes}`,
    ...meantHint(name),
  };
}

function meantHint(name: string): Pick<ComputeProblem, 'hint'> {
  const meant = meantAccelerators(name);
  return meant.length === 0 ? {} : { hint: `Did you mean ${meant.join(' or ')}?` };
}

/**
 * The types that a name in other words may stand for: those that contain it in any case (`h100`, `8xH100`),
 * or whose GPU it names (`NVIDIA-H100`, `GPU_4xH100`), else the nearest one.
 */
export function meantAccelerators(name: string): string[] {
  const word = name.trim().toLowerCase();
  const containing = acceleratorNames.filter((type) => type.toLowerCase().includes(word));
  // A word of one or two characters, or one that all names share, says nothing.
  if (word.length > 2 && containing.length > 0 && containing.length < acceleratorNames.length) {
    return containing;
  }
  const parts = word.split(/[^a-z0-9]+/).map((part) => part.replace(/^\d+x/, ''));
  const ofGpu = acceleratorTypes.filter((type) => parts.includes(type.displayName.toLowerCase()));
  if (ofGpu.length > 0) return ofGpu.map((type) => type.name);
  const near = nearest(word, acceleratorNames);
  return near === null ? [] : [near];
}

/**
 * What is wrong with the total number of GPUs, if anything: it is positive, fills whole nodes, and stays
 * within {@link maxAccelerators}. With a type that is not known only the first and last rule can be checked.
 */
export function checkAcceleratorCount(
  count: number,
  typeName: string | undefined,
): ComputeProblem | undefined {
  const field = 'num_accelerators';
  if (!Number.isInteger(count) || count <= 0) {
    return { field, message: `num_accelerators is ${count}: it must be a positive whole number of GPUs.` };
  }
  if (count > maxAccelerators) {
    return {
      field,
      message: `num_accelerators is ${count}: a workload may ask for at most ${maxAccelerators} GPUs.`,
    };
  }
  const type = typeName === undefined ? undefined : findAccelerator(typeName);
  if (type && count % type.gpusPerNode !== 0) {
    const below = Math.floor(count / type.gpusPerNode) * type.gpusPerNode;
    const choices = [below, below + type.gpusPerNode].filter((n) => n > 0 && n <= maxAccelerators);
    return {
      field,
      message:
        `num_accelerators is ${count}: ${type.name} comes in whole nodes of ${type.gpusPerNode} GPUs, ` +
        `so it must be a multiple of ${type.gpusPerNode}.`,
      hint: `Use ${choices.join(' or ')}, or another type (${acceleratorNames.join(', ')}).`,
    };
  }
  return undefined;
}

/** Every problem of a compute request, type first. */
export function checkCompute(typeName: string, count: number): ComputeProblem[] {
  return [checkAcceleratorType(typeName), checkAcceleratorCount(count, typeName)].filter(
    (problem) => problem !== undefined,
  );
}
