/** What a setup has of the attempt around it. */
export interface SetupSurroundings {
  /** A line of ours into the run's log. */
  log: (text: string) => void;
  /** Output of a tool into the run's log. */
  output: (chunk: Buffer) => void;
  /** Ends the setup early. */
  signal: AbortSignal;
  /** The variable by which the attempt's processes are found again. */
  marker: Readonly<Record<string, string>>;
}
