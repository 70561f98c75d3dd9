import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Where signed addresses lie: requests below it carry their own proof and need no token. */
export const signedArtifactsPath = '/signed-artifacts';
const lifetime = 15 * 60 * 1000;

/** Addresses that open one artifact for a short time. They die with the server that gave them out. */
export class SignedAddresses {
  private readonly key = randomBytes(32);

  constructor(private readonly now: () => number = Date.now) {}

  /** The path and query that open this artifact. */
  sign(path: string): string {
    const expires = String(this.now() + lifetime);
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return `${signedArtifactsPath}/${encoded}?expires=${expires}&signature=${this.signature(path, expires).toString('hex')}`;
  }

  isValid(path: string, expires: string, signature: string): boolean {
    const given = Buffer.from(signature, 'hex');
    const wanted = this.signature(path, expires);
    return given.length === wanted.length && timingSafeEqual(given, wanted) && Number(expires) > this.now();
  }

  private signature(path: string, expires: string): Buffer {
    return createHmac('sha256', this.key).update(`${expires}\n${path}`).digest();
  }
}
