"""Drives the unmodified mlflow package against the local workspace that MLFLOW_TRACKING_URI names."""

import json
import math
import os
import sys
import tempfile
import time
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

client = MlflowClient()
stamp = f"{mlflow.__version__}-{time.time_ns()}"


def refused(code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, code, str(error))
        return
    raise AssertionError(f"{call.__name__} was not refused")


def experiments():
    name = f"/Users/someone/größe {stamp}"
    experiment_id = mlflow.create_experiment(name, tags={"team": "vision"})
    refused("RESOURCE_ALREADY_EXISTS", mlflow.create_experiment, name)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "999999999")
    assert mlflow.get_experiment_by_name("/no/such/experiment") is None
    found = mlflow.get_experiment_by_name(name)
    assert found.experiment_id == experiment_id and found.tags["team"] == "vision"
    client.set_experiment_tag(experiment_id, "stage", "two")
    assert client.get_experiment(experiment_id).tags["stage"] == "two"
    hits = mlflow.search_experiments(filter_string=f"name = '{name}' AND tags.team = 'vision'")
    assert [hit.experiment_id for hit in hits] == [experiment_id]
    assert mlflow.search_experiments(filter_string="name LIKE '%no such%'") == []
    client.rename_experiment(experiment_id, f"{name} (renamed)")
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    deleted = mlflow.search_experiments(view_type=ViewType.DELETED_ONLY, max_results=1000)
    assert experiment_id in [hit.experiment_id for hit in deleted]
    client.restore_experiment(experiment_id)
    return experiment_id


def training_loop(experiment_id):
    mlflow.set_experiment(experiment_id=experiment_id)
    with mlflow.start_run(run_name="first", tags={"kind": "loop"}, description="a note") as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"model": "cnn", "layers/count": 3, "with space": "ünïcode ✓"})
        for step in range(30):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"acc": 0.9, "train/f1": 0.5}, step=30)
        mlflow.set_tag("verdict", "good")
        mlflow.set_tags({"a": "1", "b": "2"})
        mlflow.log_dict({"k": [1, 2]}, "config/settings.json")
        mlflow.log_text("hello\n", "notes.txt")
    done = client.get_run(run.info.run_id)
    assert done.info.status == "FINISHED" and done.info.end_time >= done.info.start_time
    assert done.info.run_name == "first" and done.data.tags["mlflow.runName"] == "first"
    assert done.data.params == {"lr": "0.1", "model": "cnn", "layers/count": "3", "with space": "ünïcode ✓"}
    assert done.data.metrics == {"loss": 1 / 30, "acc": 0.9, "train/f1": 0.5}
    assert done.data.tags["mlflow.note.content"] == "a note" and done.data.tags["b"] == "2"
    client.delete_tag(done.info.run_id, "b")
    assert "b" not in client.get_run(done.info.run_id).data.tags
    refused("INVALID_PARAMETER_VALUE", client.log_param, done.info.run_id, "lr", "0.2")
    client.log_param(done.info.run_id, "lr", "0.1")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)
    assert done.info.artifact_uri == f"mlflow-artifacts:/{experiment_id}/{done.info.run_id}/artifacts"
    return done.info.run_id


def exact_numbers(experiment_id):
    run = client.create_run(experiment_id)
    run_id = run.info.run_id
    assert run.info.run_name
    long_step = 2**62 + 1
    points = [math.nan, math.inf, -math.inf, 0.1 + 0.2, 1e308, -5e-324, 7]
    for index, value in enumerate(points):
        client.log_metric(run_id, "odd", value, timestamp=index, step=long_step + index)
    history = client.get_metric_history(run_id, "odd")
    assert [point.step for point in history] == [long_step + index for index in range(len(points))]
    assert [str(point.value) for point in history] == [str(float(value)) for value in points]
    assert client.get_run(run_id).data.metrics["odd"] == 7
    batch = [Metric("bulk", float(i), i, i) for i in range(1000)]
    for start in range(0, 30_000, 1000):
        batch = [Metric("bulk", float(i), i, i) for i in range(start, start + 1000)]
        client.log_batch(run_id, metrics=batch)
    client.log_batch(run_id, metrics=batch, params=[Param("p", "v")], tags=[RunTag("t", "v")])
    history = client.get_metric_history(run_id, "bulk")
    assert [point.step for point in history] == list(range(30_000))
    refused("INVALID_PARAMETER_VALUE", client.log_batch, run_id, params=[Param("p", "other"), Param("q", "v")])
    assert client.get_run(run_id).data.params == {"p": "v"}
    client.set_terminated(run_id, "FAILED")
    client.update_run(run_id, name="renamed")
    assert client.get_run(run_id).info.status == "FAILED" and client.get_run(run_id).info.run_name == "renamed"
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", client.log_param, run_id, "late", "x")
    client.restore_run(run_id)


def searches(experiment_id):
    for index in range(25):
        run = client.create_run(experiment_id, run_name=f"s{index:02}", start_time=1000 + index)
        client.log_metric(run.info.run_id, "score", index)
        client.log_param(run.info.run_id, "parity", "even" if index % 2 == 0 else "odd")
        client.set_tag(run.info.run_id, "group name", f"g{index % 3}")

    def names(filter_string="", order_by=None, **kwargs):
        found = client.search_runs([experiment_id], filter_string, order_by=order_by, **kwargs)
        return [run.info.run_name for run in found]

    assert names("metrics.score >= 23", ["metrics.score ASC"]) == ["s23", "s24"]
    assert names("metrics.score < 4 AND params.parity = 'odd'", ["start_time"]) == ["s01", "s03"]
    assert names("tags.`group name` = 'g0' and metrics.score > 20", ["metrics.score DESC"]) == ["s24", "s21"]
    assert names("attributes.run_name LIKE 's0%' AND params.parity != 'odd'", ["start_time"]) == [
        "s00", "s02", "s04", "s06", "s08",
    ]
    assert names("run_name ILIKE 'S24'") == ["s24"]
    assert names("attributes.status = 'RUNNING' AND start_time < 1002", ["attributes.start_time DESC"]) == ["s01", "s00"]
    first = client.search_runs([experiment_id], "metrics.score >= 0", max_results=10, order_by=["metrics.score"])
    rest = client.search_runs(
        [experiment_id], "metrics.score >= 0", max_results=100, order_by=["metrics.score"], page_token=first.token
    )
    assert [run.data.metrics["score"] for run in list(first) + list(rest)] == list(range(25)) and not rest.token
    one = first[0].info.run_id
    assert [run.info.run_id for run in client.search_runs([experiment_id], f"run_id IN ('{one}')")] == [one]
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment_id], "metrics.score >>> 1")
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment_id], "oops.score = 1")


def artifacts(run_id):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        Path(source, "deep", "er").mkdir(parents=True)
        Path(source, "empty.bin").write_bytes(b"")
        Path(source, "deep", "er", "größe & co.txt").write_text("text", encoding="utf8")
        big = os.urandom(3_000_000)
        Path(source, "deep", "big.bin").write_bytes(big)
        client.log_artifacts(run_id, str(source), "bundle")
        client.log_artifact(run_id, str(Path(source, "deep", "big.bin")))
        listed = {item.path: item for item in client.list_artifacts(run_id)}
        assert listed["bundle"].is_dir and listed["big.bin"].file_size == len(big), listed
        inner = {item.path for item in client.list_artifacts(run_id, "bundle/deep")}
        assert inner == {"bundle/deep/big.bin", "bundle/deep/er"}, inner
        target = Path(folder, "target")
        target.mkdir()
        fetched = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="bundle", dst_path=str(target)))
        assert (fetched / "deep" / "big.bin").read_bytes() == big
        assert (fetched / "empty.bin").read_bytes() == b""
        assert (fetched / "deep" / "er" / "größe & co.txt").read_text(encoding="utf8") == "text"
        assert mlflow.artifacts.load_dict(f"runs:/{run_id}/config/settings.json") == {"k": [1, 2]}
        assert mlflow.artifacts.load_text(f"runs:/{run_id}/notes.txt") == "hello\n"
        os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
        os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = "1000000"
        client.log_artifact(run_id, str(Path(source, "deep", "big.bin")), "again")
        del os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"]
        copy = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="again/big.bin", dst_path=str(target))
        assert Path(copy).read_bytes() == big
        refused_or_missing(run_id, "no/such/file")


def refused_or_missing(run_id, path):
    try:
        mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path)
    except Exception:
        return
    raise AssertionError(f"{path} was downloaded")


def logs_of_job(run_id, lines):
    """The lines that the workload of an attempt printed are artifacts of its MLflow run."""
    assert [item.path for item in client.list_artifacts(run_id, "logs")] == ["logs/attempt_0"]
    text = mlflow.artifacts.load_text(f"runs:/{run_id}/logs/attempt_0/node_0/logs-0.chunk.txt")
    for line in lines:
        assert line in text.splitlines(), (line, text)
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED", run.info.status


def main():
    experiment_id = experiments()
    run_id = training_loop(experiment_id)
    exact_numbers(experiment_id)
    searches(experiment_id)
    artifacts(run_id)
    if len(sys.argv) > 1:
        logs_of_job(sys.argv[1], json.loads(sys.argv[2]))
    print(f"mlflow {mlflow.__version__}: fine")


main()
