import type { Context } from '../io.js';
import { paths, type ScimUser } from './contract/index.js';
import { Files } from './files.js';
import { Http, type HttpOptions } from './http.js';
import { Images } from './images.js';
import { Jobs } from './jobs.js';
import { Mlflow } from './mlflow.js';
import { Permissions } from './permissions.js';
import { Policies } from './policies.js';
import { Secrets } from './secrets.js';
import type { Target } from './target.js';
import { Training } from './training.js';

export type * from './contract/index.js';
export { ApiError, ConnectionError, type Download, type RequestOptions, type SignedAddress } from './http.js';
export type { SecretAddress } from './images.js';
export { runProgram } from './program.js';
export type { HttpOptions } from './http.js';
export { proxySettings } from './proxies.js';
export { describeTarget, type Credentials, type Target } from './target.js';

/** Who is asking, and in which workspace. */
export interface Identity {
  userName: string;
  /** From the answer's `X-Databricks-Org-Id`; null when the workspace sent none. */
  workspaceId: string | null;
}

/** One workspace, opened: the same object for Databricks and for the local workspace. */
export class Workspace {
  readonly jobs: Jobs;
  readonly training: Training;
  readonly files: Files;
  readonly mlflow: Mlflow;
  readonly images: Images;
  readonly secrets: Secrets;
  readonly policies: Policies;
  readonly permissions: Permissions;
  readonly http: Http;
  private identity: Promise<Identity> | undefined;

  constructor(
    readonly target: Target,
    context: Context,
    options: HttpOptions,
  ) {
    this.http = new Http(target, context, options);
    this.jobs = new Jobs(this.http);
    this.training = new Training(this.http);
    this.files = new Files(this.http);
    this.mlflow = new Mlflow(this.http);
    this.images = new Images(this.http);
    this.secrets = new Secrets(this.http);
    this.policies = new Policies(this.http);
    this.permissions = new Permissions(this.http);
  }

  get host(): string {
    return this.target.host;
  }

  /** The caller's identity; asked once, however often it is needed. */
  me(): Promise<Identity> {
    return (this.identity ??= this.askIdentity().catch((error: unknown) => {
      this.identity = undefined;
      throw error;
    }));
  }

  private async askIdentity(): Promise<Identity> {
    const { data, headers } = await this.http.request<ScimUser>('GET', paths.me, {
      query: { excludedAttributes: 'entitlements' },
    });
    const id = headers['x-databricks-org-id'];
    return {
      userName: data.userName ?? '',
      workspaceId: typeof id === 'string' && /^\d+$/.test(id) ? id : null,
    };
  }
}

export function openWorkspace(target: Target, context: Context, options: HttpOptions): Workspace {
  return new Workspace(target, context, options);
}
