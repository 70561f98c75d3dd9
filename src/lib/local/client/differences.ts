/** What of a workload and of this machine decides how a run here differs from one on Databricks. */
export interface LocalWorkload {
  /** The GPUs asked for, as shown to people: `8x H100`. */
  accelerators: string;
  acceleratorCount: number;
  nodes: number;
  /** GPUs that this machine has. */
  machineGpus: number;
  /** The environment version, or the base environment, that Databricks would run it in. */
  environment: string;
  hasDependencies: boolean;
  hasCode: boolean;
  usagePolicy: string | undefined;
  /** Everything that may name a path or a program: the command, parameters, values of variables. */
  texts: readonly string[];
}

/** What this workload will find otherwise than on Databricks: a short line each, the weightiest first. */
export function differencesFromDatabricks(workload: LocalWorkload): string[] {
  return [
    gpuDifference(workload),
    nodeDifference(workload),
    pathDifference(workload),
    codeDifference(workload),
    environmentDifference(workload),
    policyDifference(workload),
  ].filter((line) => line !== undefined);
}

function gpuDifference({ accelerators, acceleratorCount, machineGpus }: LocalWorkload): string {
  if (machineGpus >= acceleratorCount) return `It gets GPUs of this machine, not ${accelerators}.`;
  const lack = machineGpus === 0 ? 'no GPU' : `only ${machineGpus} GPU${machineGpus === 1 ? '' : 's'}`;
  return `It runs on the CPU: this machine has ${lack}, the workload asks for ${accelerators}.`;
}

function nodeDifference({ nodes }: LocalWorkload): string | undefined {
  return nodes === 1 ? undefined : `Its ${nodes} nodes share this machine's processors and memory.`;
}

/** Paths that Databricks mounts into every node. */
const mounts = /(?<![\w./])\/(?:Volumes|Workspace|dbfs)\/[\w./-]*/;

function pathDifference({ texts }: LocalWorkload): string | undefined {
  const path = firstMatch(texts, mounts);
  return path === undefined ? undefined : `${path} is not mounted here.`;
}

const codePlace = /(?<![\w.])\/databricks\/code_source[\w./-]*/;

function codeDifference({ texts }: LocalWorkload): string | undefined {
  const path = firstMatch(texts, codePlace);
  return path === undefined ? undefined : `The code is not at ${path} here: use $CODE_SOURCE_PATH.`;
}

const usesPython =
  /(?<![\w-])(?:python[\d.]*|pip3?|torchrun|accelerate|deepspeed|composer|ray|jupyter)(?![\w-])/;

function environmentDifference(workload: LocalWorkload): string | undefined {
  const { environment, hasDependencies, hasCode, texts } = workload;
  if (!hasDependencies && !hasCode && firstMatch(texts, usesPython) === undefined) return undefined;
  const packages = hasDependencies ? 'this machine and the dependencies listed' : 'this machine';
  return `Programs and packages are those of ${packages}, not those of environment ${environment}.`;
}

function policyDifference({ usagePolicy }: LocalWorkload): string | undefined {
  return usagePolicy === undefined ? undefined : `The usage policy ${usagePolicy} has no effect here.`;
}

function firstMatch(texts: readonly string[], pattern: RegExp): string | undefined {
  for (const text of texts) {
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return found;
  }
  return undefined;
}
