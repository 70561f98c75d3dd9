import { paths, type ImageRegistration } from './contract/index.js';
import { ApiError, type Http, type RequestOptions } from './http.js';

/** Where the workspace keeps the credentials of a registry: the key of a secret. */
export interface SecretAddress {
  scope: string;
  key: string;
}

/** Docker images mirrored into the workspace's registry. Addresses are normalised ones. */
export class Images {
  constructor(private readonly http: Http) {}

  /** The registration of an image; null when it has none. */
  async get(url: string, options: RequestOptions = {}): Promise<ImageRegistration | null> {
    try {
      return await this.http.get<ImageRegistration>(paths.imagesGet, { docker_image_url: url }, options);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }

  /** Registers an image, or looks for a newer version of it. Registering twice is registering once. */
  async register(
    url: string,
    credentials: SecretAddress | null,
    options: RequestOptions = {},
  ): Promise<ImageRegistration> {
    const answer = await this.http.post<ImageRegistration & { image?: ImageRegistration }>(
      paths.images,
      {
        docker_image_url: url,
        ...(credentials && {
          credentials_scope: credentials.scope,
          credentials_key: credentials.key,
        }),
      },
      { retry: 'safe', ...options },
    );
    return answer.image ?? answer;
  }

  /** Whether everyone may pull the image; null when the workspace cannot tell. */
  async isPublic(url: string, options: RequestOptions = {}): Promise<boolean | null> {
    const answer = await this.http.get<{ publicly_accessible?: boolean }>(
      paths.imagesCheckAccess,
      { docker_image_url: url },
      options,
    );
    return answer.publicly_accessible ?? null;
  }
}
