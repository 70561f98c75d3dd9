/** A request that the workspace refuses, in the words of the Databricks API. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiFailure';
  }
}

export function invalid(message: string): ApiFailure {
  return new ApiFailure(400, 'INVALID_PARAMETER_VALUE', message);
}

export function diskFull(): ApiFailure {
  return new ApiFailure(507, 'RESOURCE_EXHAUSTED', 'The disk of this machine is full.');
}

/** As the Jobs API says that it knows no such run. */
export function unknownRun(runId: string): ApiFailure {
  return invalid(`Run ${runId} does not exist.`);
}
