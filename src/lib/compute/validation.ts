import { acceleratorNames, acceleratorTypes, findAccelerator, isLegacyAccelerator } from './accelerators.js';

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
    };
  }
  const sameLetters = acceleratorTypes.find((type) => type.name.toLowerCase() === name.trim().toLowerCase());
  if (sameLetters) {
    return {
      field,
      message: `${value} is not a GPU type: names are exact, upper and lower case included. ${validTypes}`,
      hint: `Did you mean ${sameLetters.name}?`,
    };
  }
  return { field, message: `${value} is not a GPU type. ${validTypes}` };
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
