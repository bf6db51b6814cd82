"""The command line: finding the stack, the output, and a dry run without changes."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from lambdas.cafe.table import CafeTable
from local.home import Home
from ops.menu import menu_file
from ops.site_files import site_files
from tests.lambdas.orders_table import key_schema

ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "site" / "deploy.py"
REGION = "eu-central-1"
KEYS = {"region_name": REGION, "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
ORIGIN = {"Id": "site", "DomainName": "web.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
DISTRIBUTION = {
    "CallerReference": "it",
    "Comment": "",
    "Enabled": True,
    "Origins": {"Quantity": 1, "Items": [ORIGIN]},
    "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https"},
}


@pytest.fixture(scope="module")
def clients():
    """Clients of S3, CloudFront and DynamoDB. Module-scoped: clients are slow to create, and moto patches existing
    ones."""
    return boto3.client("s3", **KEYS), boto3.client("cloudfront", **KEYS), boto3.client("dynamodb", **KEYS)


@pytest.fixture
def s3(clients, monkeypatch):
    """An account with a site bucket that contains only the stack's own file."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        s3 = clients[0]
        s3.create_bucket(Bucket="web", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="web", Key="api.json", Body=b"{}")
        yield s3


@pytest.fixture
def outputs(s3, clients, tmp_path):
    """A file with the stack's outputs in the format of `pulumi stack output --json`."""
    distribution = clients[1].create_distribution(DistributionConfig=DISTRIBUTION)["Distribution"]["Id"]
    clients[2].create_table(
        TableName="cafe",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("kind", "name")],
        KeySchema=key_schema("kind", "name"),
    )
    known = {
        "webappBucketName": "web",
        "distributionId": distribution,
        "ordersTableArn": f"arn:aws:dynamodb:{REGION}:123456789012:table/orders",
        "cafeTableName": "cafe",
    }
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(known))
    return file


@pytest.fixture
def deploy(capsys):
    """Runs the script. Returns the exit code, standard output and standard error."""
    main = runpy.run_path(str(SCRIPT))["main"]

    def deploy(*arguments):
        code = main([*map(str, arguments)])
        return code, *capsys.readouterr()

    return deploy


def keys(s3):
    return {entry["Key"] for entry in s3.list_objects_v2(Bucket="web")["Contents"]}


def test_an_empty_menu_is_filled_once(s3, outputs, deploy, clients):
    deploy("--outputs", outputs)
    table = CafeTable("cafe", clients[2])
    names = [item.name for item in menu_file()]
    assert [item.name for item in table.menu()] == names

    espresso = table.menu()[0]
    assert table.delete(espresso.name, espresso.revision)
    deploy("--outputs", outputs)

    assert [item.name for item in table.menu()] == names[1:]


def test_a_dry_run_fills_no_menu(s3, outputs, deploy, clients):
    deploy("--outputs", outputs, "--dry-run")

    assert CafeTable("cafe", clients[2]).menu() == []


def test_the_whole_site_is_uploaded_with_its_headers(s3, outputs, deploy):
    files = site_files()

    assert deploy("--outputs", outputs)[:2] == (0, f"{len(files)} uploaded, 0 removed, 0 unchanged\n")

    assert keys(s3) == {*files, "api.json"}
    page = s3.get_object(Bucket="web", Key="index.html")
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert page["Body"].read() == files["index.html"]
    assert deploy("--outputs", outputs)[:2] == (0, f"0 uploaded, 0 removed, {len(files)} unchanged\n")


def test_a_dry_run_reports_that_nothing_has_changed(s3, outputs, deploy):
    deploy("--outputs", outputs)

    assert deploy("--outputs", outputs, "--dry-run")[:2] == (0, "nothing has changed\n")


def test_a_dry_run_lists_the_changes_and_makes_none(s3, outputs, deploy, clients):
    deploy("--outputs", outputs)
    s3.put_object(Bucket="web", Key="app.js", Body=b"other")
    s3.put_object(Bucket="web", Key="old name.js", Body=b"old")
    s3.delete_object(Bucket="web", Key="app.css")

    code, printed, _ = deploy("--outputs", outputs, "--dry-run")

    assert code == 0
    assert printed.splitlines() == [
        "upload app.css",
        "upload app.js",
        "remove old name.js",
        "invalidate /app.js",
        "invalidate /old%20name.js",
    ]
    assert s3.get_object(Bucket="web", Key="app.js")["Body"].read() == b"other"
    assert "old name.js" in keys(s3)
    assert "app.css" not in keys(s3)
    distribution = json.loads(outputs.read_text())["distributionId"]
    assert not clients[1].list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items")


class TestErrors:
    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            ("{", "--outputs "),
            ("{}", "the outputs have no `webappBucketName`; pass the output of `pulumi stack output --json`"),
        ],
    )
    def test_invalid_outputs(self, deploy, tmp_path, given, problem):
        (tmp_path / "outputs.json").write_text(given)

        code, printed, error = deploy("--outputs", tmp_path / "outputs.json")

        assert (code, printed) == (1, "")
        assert error.startswith(problem)
        assert error.count("\n") == 1

    def test_a_home_without_a_run(self, deploy, tmp_path):
        assert deploy("--home", tmp_path) == (
            1,
            "",
            f"nothing is running in {tmp_path}; start it with `{Home(tmp_path).command('up')}`\n",
        )

    def test_a_missing_bucket_is_a_one_line_error(self, outputs, deploy):
        outputs.write_text(outputs.read_text().replace('"web"', '"none"'))

        code, printed, error = deploy("--outputs", outputs)

        assert (code, printed) == (1, "")
        assert error.startswith("publishing stopped: An error occurred (NoSuchBucket)")
        assert error.count("\n") == 1

    def test_an_unreachable_endpoint(self, outputs, tmp_path):
        environment = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
        keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}

        # In another folder and its own process, to check that the script finds its imports.
        command = [sys.executable, str(SCRIPT), "--outputs", "-"]
        ended = subprocess.run(
            command,
            input=outputs.read_text(),
            cwd=tmp_path,
            env={**environment, **keys},
            capture_output=True,
            text=True,
            timeout=60,
        )

        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr.startswith("publishing stopped: Could not connect to the endpoint URL")
        assert ended.stderr.count("\n") == 1

    def test_home_and_outputs_exclude_each_other(self, deploy):
        with pytest.raises(SystemExit) as wrong:
            deploy("--outputs", "-", "--home", ".local")
        assert wrong.value.code == 2
