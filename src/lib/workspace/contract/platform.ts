/** The error body of every Databricks API. Legacy endpoints may put a number into `error_code`. */
export interface ErrorBody {
  error_code?: string | number;
  message?: string;
  details?: unknown[];
  /** SCIM endpoints say it here. */
  detail?: string;
  /** OAuth endpoints say it in these two. */
  error?: string;
  error_description?: string;
}

export interface ScimUser {
  id?: string;
  userName?: string;
  displayName?: string;
  active?: boolean;
}

export interface WorkspaceObject {
  object_type?: 'DIRECTORY' | 'FILE' | 'NOTEBOOK' | 'LIBRARY' | 'REPO' | (string & {});
  path?: string;
  object_id?: number;
  size?: number;
}

export interface UsagePoliciesPage {
  policies?: { policy_id?: string; policy_name?: string }[];
  next_page_token?: string;
}

export interface ImageRegistration {
  docker_image_url?: string;
  state?: 'PENDING' | 'IMPORTING' | 'AVAILABLE' | 'FAILED' | (string & {});
  status_message?: string;
  manifest_sha256?: string;
}
