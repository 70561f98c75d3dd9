import type { ArtifactContent } from '../../store/artifacts.js';
import type { TrackingRun } from '../../store/tracking-runs.js';
import type { RunArtifacts } from '../mlflow/run-artifacts.js';
import type { LocalWorkspace } from '../workspace-state.js';
import { bytes } from './format.js';
import { html, type Html } from './html.js';
import { runPage } from './tracking-run-page.js';

/** Bytes of a text that a page shows. */
const shownBytes = 256 * 1024;
/** Pictures that a browser shows in an `img`, where no script of theirs runs. */
export const pictureTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

/** The artifacts of a run: what a folder holds, or a file as far as it can be shown. */
export async function artifactPage(
  workspace: LocalWorkspace,
  artifacts: RunArtifacts,
  run: TrackingRun,
  path: string,
): Promise<Response> {
  const place = [run.experimentId, run.runId, 'artifacts', path].filter((part) => part !== '').join('/');
  const entries = await artifacts.list(place);
  const content = entries.length === 0 && path !== '' ? await artifacts.open(place) : undefined;
  const address = `/ml/experiments/${run.experimentId}/runs/${run.runId}/artifacts`;
  return runPage(workspace, run, 'artifacts', {
    body: html`
      ${trailOf(address, path)}
      ${
        content
          ? await preview(content, `/pages/tracking/${run.runId}/file/${encodedPath(path)}`, path)
          : entries.length === 0
            ? html`<p class="empty">${path === '' ? 'No artifacts.' : 'Nothing here.'}</p>`
            : html`<table class="files">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col" class="number">Size</th>
                  </tr>
                </thead>
                <tbody>
                  ${entries.map(({ name, isDirectory, size }) => {
                    const target = `${address}/${encodedPath([path, name].filter((part) => part !== '').join('/'))}`;
                    return html`<tr>
                      <th scope="row">
                        <a class="${isDirectory ? 'folder' : 'file'}" href="${target}"
                          >${name}${isDirectory ? '/' : ''}</a
                        >
                      </th>
                      <td class="number">${isDirectory ? '' : bytes(size)}</td>
                    </tr>`;
                  })}
                </tbody>
              </table>`
      }
    `,
  });
}

function trailOf(address: string, path: string): Html {
  const parts = path === '' ? [] : path.split('/');
  return html`<nav class="path" aria-label="Folder">
    <a href="${address}">artifacts</a>${parts.map(
      (part, index) =>
        html` /
          <a
            href="${address}/${encodedPath(parts.slice(0, index + 1).join('/'))}"
            ${index === parts.length - 1 ? html`aria-current="page"` : ''}
            >${part}</a
          >`,
    )}
  </nav>`;
}

async function preview(content: ArtifactContent, address: string, path: string): Promise<Html> {
  const actions = html`<p class="actions">
    <a class="button" href="${address}" download>Download</a>
    <span class="note">${content.size !== undefined && bytes(content.size)}</span>
  </p>`;
  if (Object.hasOwn(pictureTypes, extensionOf(path))) {
    return html`${actions}<img class="picture" src="${address}" alt="${path}" />`;
  }
  const { text, cut } = await beginningOf(content);
  if (text === undefined)
    return html`${actions}
      <p class="empty">This is not text.</p>`;
  return html`${actions}
    <pre class="code" tabindex="0">${text}</pre>
    ${cut && html`<p class="note">Only the beginning is shown.</p>`}`;
}

async function beginningOf(content: ArtifactContent): Promise<{ text?: string; cut: boolean }> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of content.stream() as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length > shownBytes) break;
  }
  const bytesRead = Buffer.concat(pieces).subarray(0, shownBytes);
  if (bytesRead.includes(0)) return { cut: false };
  // Colours and cursor movements of a terminal mean nothing here.
  const text = bytesRead
    .toString()
    .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])/g, '');
  return { text, cut: length > shownBytes };
}

export function extensionOf(path: string): string {
  return /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
}

function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
