import { html, type Html, type Insertable } from './html.js';

export interface PageParts {
  title: string;
  /** The way here from the first page; the last one is this page. */
  trail: readonly { label: string; href?: string }[];
  body: Insertable;
  /** Scripts of this package that the page needs. */
  scripts?: readonly string[];
  styles?: readonly string[];
}

export const assetsPath = '/pages/assets';

/** Nothing from elsewhere is loaded, nothing inline runs, and no other page may frame this one. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const pageHeaders: Record<string, string> = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  // Not `no-referrer`: with that, a form's Origin would be `null`.
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export function page(parts: PageParts, status = 200): Response {
  return new Response(documentOf(parts).text, {
    status,
    headers: { ...pageHeaders, 'Content-Type': 'text/html; charset=utf-8' },
  });
}

function documentOf({ title, trail, body, scripts = [], styles = [] }: PageParts): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} - air local</title>
        <link rel="icon" href="${assetsPath}/icon.svg" type="image/svg+xml" />
        ${['page.css', ...styles].map((file) => html`<link rel="stylesheet" href="${assetsPath}/${file}" />`)}
        ${scripts.map((file) => html`<script type="module" src="${assetsPath}/${file}"></script>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="bar">
          <a class="brand" href="/">air<span> local</span></a>
          <nav aria-label="Breadcrumb">
            <ol>
              ${trail.map(({ label, href }) =>
                href === undefined
                  ? html`<li aria-current="page">${label}</li>`
                  : html`<li><a href="${href}">${label}</a></li>`,
              )}
            </ol>
          </nav>
        </header>
        <main id="main" tabindex="-1">${body}</main>
      </body>
    </html>`;
}

/** A list of names with their values. */
export function facts(entries: readonly (readonly [string, Insertable])[]): Html {
  return html`<dl class="facts">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

export function problemPage(title: string, message: string, status: number): Response {
  return page(
    {
      title,
      trail: [{ label: title }],
      body: html`<h1>${title}</h1>
        <p>${message}</p>`,
    },
    status,
  );
}
