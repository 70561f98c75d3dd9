import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate that no system trusts by itself, as a company's own authority would issue it. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** The file to name in `NODE_EXTRA_CA_CERTS`. */
  readonly path: string;
  remove(): Promise<void>;
}

/** A certificate for these names: `DNS:workspace.test`, `IP:127.0.0.1`. */
export async function makeCertificate(names: readonly string[]): Promise<TestCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'air-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  // prettier-ignore
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test',
    '-addext', `subjectAltName=${names.join(',')}`, '-keyout', key, '-out', cert,
  ]);
  return {
    key: await readFile(key, 'utf8'),
    cert: await readFile(cert, 'utf8'),
    path: cert,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
