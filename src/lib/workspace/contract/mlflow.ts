import type { WireInteger } from './integer.js';

export interface MlflowMetric {
  key: string;
  value: number;
  timestamp?: WireInteger;
  step?: WireInteger;
}

export interface MlflowRun {
  info?: {
    run_id?: string;
    run_name?: string;
    experiment_id?: string;
    artifact_uri?: string;
    status?: string;
    start_time?: WireInteger;
    end_time?: WireInteger;
  };
  data?: {
    params?: { key: string; value: string }[];
    metrics?: MlflowMetric[];
    tags?: { key: string; value: string }[];
  };
}

export interface MlflowArtifact {
  path: string;
  is_dir?: boolean;
  file_size?: WireInteger;
}

export interface MlflowArtifactsPage {
  root_uri?: string;
  files?: MlflowArtifact[];
  next_page_token?: string;
}

export interface MlflowCredential {
  run_id?: string;
  path?: string;
  signed_uri?: string;
  headers?: { name: string; value: string }[];
}

export interface MlflowExperiment {
  experiment_id: string;
  name: string;
  artifact_location?: string;
  lifecycle_stage?: string;
}
