"""Drives the unmodified Databricks SDK against the local workspace that DATABRICKS_HOST names."""

import io
import sys

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.version import __version__

mlflow_run, _, job_run = sys.argv[1:4]
client = WorkspaceClient()
assert client.current_user.me().user_name.endswith("@local")

run = client.jobs.get_run(int(job_run))
assert run.state.result_state.value == "SUCCESS" and run.tasks[0].attempt_number == 0
assert int(job_run) in [item.run_id for item in client.jobs.list_runs()]
try:
    client.jobs.get_run(1)
    raise AssertionError("an unknown run was found")
except DatabricksError:
    pass

client.secrets.create_scope("sdk")
client.secrets.put_secret("sdk", "key", string_value="hush")
assert [item.key for item in client.secrets.list_secrets("sdk")] == ["key"]
client.secrets.delete_scope("sdk")

path = "/Volumes/main/default/sdk/a file.bin"
client.files.upload(path, io.BytesIO(b"bytes"), overwrite=True)
assert client.files.download(path).contents.read() == b"bytes"

experiment = client.experiments.create_experiment(f"/sdk/{job_run}").experiment_id
made = client.experiments.create_run(experiment_id=experiment, run_name="from the SDK").run.info.run_id
client.experiments.log_metric(key="loss", value=0.5, timestamp=1, step=1, run_id=made)
assert client.experiments.get_run(made).run.data.metrics[0].value == 0.5
assert [point.step for point in client.experiments.get_history("loss", run_id=made)] == [1]
assert [item.info.run_id for item in client.experiments.search_runs(experiment_ids=[experiment])] == [made]
assert "logs" in [item.path for item in client.experiments.list_artifacts(run_id=mlflow_run)]
print(f"databricks-sdk {__version__}: fine")
