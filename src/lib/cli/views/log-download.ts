import type { Download } from '../../logs/download/index.js';
import { renderBytes } from '../../size.js';

/** Where the logs were put, how much of each node, and what is missing. */
export function downloadText({ directory, files, merged_file: merged }: Download): string {
  if (files.length === 0) return 'The run has no logs: nothing was downloaded.\n';
  const count = files.length === 1 ? '1 node' : `${files.length} nodes`;
  const lines = files.map(({ node, path, bytes, complete }) => {
    const size = bytes === 0 ? 'no lines' : renderBytes(bytes);
    return `  node ${node}: ${path} (${complete ? size : `${size}, incomplete`})`;
  });
  if (merged !== null) lines.push(`  together: ${merged}`);
  return `${[`Downloaded the logs of ${count} to ${directory}`, ...lines].join('\n')}\n`;
}

/** What is missing, node by node. */
export function downloadWarnings({ files }: Download): string[] {
  return files
    .filter(({ complete }) => !complete)
    .map(({ node, missing_chunks: chunks, error }) => {
      const what = chunks.length === 0 ? 'its end is missing' : `missing chunks: ${chunks.join(', ')}`;
      return `Node ${node} is incomplete (${what}): ${error ?? 'unknown reason'}`;
    });
}
