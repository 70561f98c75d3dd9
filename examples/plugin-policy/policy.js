// The rules of the house, in one place. A real policy would be read from where the house keeps it.
export const policy = {
  /** A run that asks for more GPUs is refused. */
  mostGpus: 64,
  /** Attempts after the first, for files that do not say. */
  maxRetries: 1,
  /** Experiments are named TEAM-SOMETHING. */
  experimentName: /^[a-z]+-[a-z0-9-]+$/,
};
