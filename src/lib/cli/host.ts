import { systemClock, systemIO, type Clock, type IO } from '../io.js';

/** Everything a command takes from its surroundings. Tests hand in their own. */
export interface Host {
  readonly io: IO;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** Subscribes to the user's signals; answers how to unsubscribe. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

export const systemHost: Host = {
  io: systemIO,
  clock: systemClock,
  env: process.env,
  onSignal(listener) {
    const interrupt = () => listener('SIGINT');
    const terminate = () => listener('SIGTERM');
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', terminate);
    return () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
    };
  },
  exit: (code) => process.exit(code),
};
