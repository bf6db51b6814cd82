"""Publishing to a fake bucket and CDN that record every request, with a client that can die at any request."""

import base64
import hashlib
import itertools
import re
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.errors import UserError
from ops.publish import carry_out, find_changes
from ops.site_files import manifest
from ops.stack import Stack

IMPORTED = re.compile(r"import {(\w+)} from '\./(\w+\.js)'")
NAMED = re.compile(r"(?:src|href)=\"([^\"]+)\"")


class Killed(BaseException):
    """Simulates the death of the process."""


class FakeAws:
    """A bucket and a distribution that record writes. `left` limits how many writes succeed."""

    def __init__(self, **objects):
        self.objects = {}
        self.writes = []
        self.left = None
        self.failing = {}
        self._lock = threading.Lock()
        if objects:
            publish(self, objects)
            self.writes.clear()

    def stack(self):
        return Stack({"webappBucketName": "web", "distributionId": "E1"}, lambda service: self)

    def contents(self):
        return {path: it["content"] for path, it in self.objects.items()}

    def _write(self, *what):
        with self._lock:
            if self.left == 0:
                raise Killed
            self.left = self.left and self.left - 1
            self.writes.append(what)

    def get_paginator(self, name):
        assert name == "list_objects_v2"
        return self

    def paginate(self, **request):
        assert request == {"Bucket": "web"}
        yield {}
        yield {"Contents": [{"Key": path} for path in self.objects]}

    def head_object(self, **request):
        path = request.pop("Key")
        assert request == {"Bucket": "web", "ChecksumMode": "ENABLED"}
        return self.objects[path]["head"]

    def put_object(self, **request):
        path, content = request.pop("Key"), request.pop("Body")
        self._write("put", path)
        assert (request.pop("Bucket"), request.pop("ChecksumAlgorithm")) == ("web", "SHA256")
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        self.objects[path] = {"content": content, "head": {"ChecksumSHA256": digest, **request}}

    def delete_objects(self, **request):
        paths = [entry["Key"] for entry in request["Delete"]["Objects"]]
        assert 1 <= len(paths) <= 1000
        self._write("delete", *paths)
        for path in paths:
            if path not in self.failing:
                del self.objects[path]
        return {"Errors": [{"Key": path, **self.failing[path]} for path in paths if path in self.failing]}

    def create_invalidation(self, **request):
        assert request["DistributionId"] == "E1"
        paths = request["InvalidationBatch"]["Paths"]
        assert paths["Quantity"] == len(paths["Items"]) > 0
        self._write("invalidate", *paths["Items"])
        return {"Invalidation": {"Id": "I1"}}


def site(files):
    """A complete site: the files and their manifest."""
    return {**files, "precache.json": manifest(files)}


def publish(aws, files):
    carry_out(aws.stack(), files, find_changes(aws.stack(), files))


OLD = site({"index.html": b"<p>", "a.js": b"1", "b.js": b"2", "service-worker.js": b"3"})


class TestWrites:
    def test_the_first_upload_has_pages_near_the_end_and_the_worker_last(self):
        aws = FakeAws()

        publish(aws, OLD)

        assert aws.contents() == OLD
        assert sorted(aws.writes[:2]) == [("put", "a.js"), ("put", "b.js")]
        assert aws.writes[2:] == [("put", "index.html"), ("put", "precache.json"), ("put", "service-worker.js")]

    def test_an_unchanged_site_writes_nothing(self):
        aws = FakeAws(**OLD)

        publish(aws, OLD)

        assert aws.writes == []

    def test_a_changed_file_is_uploaded_with_the_manifest(self):
        aws = FakeAws(**OLD)
        files = site({**OLD, "b.js": b"other"})

        publish(aws, files)

        assert aws.contents() == files
        assert aws.writes == [("put", "b.js"), ("put", "precache.json"), ("invalidate", "/b.js", "/precache.json")]

    def test_a_file_outside_the_manifest_is_uploaded_alone(self):
        aws = FakeAws(**OLD)

        publish(aws, site({**OLD, "service-worker.js": b"other"}))

        assert aws.writes == [("put", "service-worker.js"), ("invalidate", "/service-worker.js")]

    def test_the_start_page_is_invalidated_at_both_its_paths(self):
        aws = FakeAws(**OLD)

        publish(aws, site({**OLD, "index.html": b"<b>"}))

        assert aws.writes[-1] == ("invalidate", "/index.html", "/", "/precache.json")

    def test_a_new_file_is_not_invalidated(self):
        aws = FakeAws(**OLD)

        publish(aws, site({**OLD, "c.js": b"new"}))

        assert aws.writes[-1] == ("invalidate", "/precache.json")

    def test_removed_files_are_deleted_last_and_the_stacks_own_files_stay(self):
        aws = FakeAws(**OLD)
        aws.objects["api.json"] = {"content": b"{}"}
        files = site({path: content for path, content in OLD.items() if path not in ("b.js", "precache.json")})

        publish(aws, files)

        assert aws.contents() == {**files, "api.json": b"{}"}
        assert aws.writes == [
            ("put", "precache.json"),
            ("delete", "b.js"),
            ("invalidate", "/b.js", "/precache.json"),
        ]

    def test_pages_are_deleted_before_the_files_they_reference(self):
        aws = FakeAws(**{**OLD, "a/old.js": b"", "old.html": b""})

        publish(aws, OLD)

        assert aws.writes[0] == ("delete", "old.html", "a/old.js")

    def test_deletions_are_batched_by_s3s_limit(self):
        aws = FakeAws(**{**OLD, **{f"{n}.js": b"" for n in range(2001)}})

        publish(aws, OLD)

        assert [len(write) - 1 for write in aws.writes if write[0] == "delete"] == [1000, 1000, 1]
        assert aws.contents() == OLD

    @pytest.mark.parametrize("header", ["ContentType", "CacheControl", "ChecksumSHA256"])
    def test_a_file_with_other_metadata_is_uploaded_again(self, header):
        aws = FakeAws(**OLD)
        aws.objects["a.js"]["head"][header] = "other"

        publish(aws, OLD)

        assert aws.writes == [("put", "a.js"), ("invalidate", "/a.js")]

    def test_a_file_without_a_checksum_is_uploaded_again(self):
        aws = FakeAws(**OLD)
        del aws.objects["a.js"]["head"]["ChecksumSHA256"]

        publish(aws, OLD)

        assert aws.writes[0] == ("put", "a.js")

    def test_names_with_spaces_and_unicode(self):
        aws = FakeAws()
        files = site({"café au lait/ümlaut ☕.js": b"1", "100%.js": b"2"})
        publish(aws, files)
        assert aws.contents() == files

        publish(aws, site({}))

        assert aws.contents().keys() == {"precache.json"}
        gone = ["/100%25.js", "/caf%C3%A9%20au%20lait/%C3%BCmlaut%20%E2%98%95.js"]
        assert aws.writes[-1] == ("invalidate", *gone, "/precache.json")

    def test_a_failed_deletion_names_the_file(self):
        aws = FakeAws(**{**OLD, "old.js": b""})
        aws.failing["old.js"] = {"Code": "AccessDenied", "Message": "no"}

        with pytest.raises(UserError, match=r"^old\.js could not be removed: no$"):
            publish(aws, OLD)

    def test_a_changed_file_is_uploaded_after_its_indirect_imports(self):
        aws = FakeAws(**site({"a.js": b"old", "z.js": b"old"}))

        publish(aws, site({"a.js": b"import './new.js'", "new.js": b"import './z.js'", "z.js": b"new"}))

        assert aws.writes[:3] == [("put", "new.js"), ("put", "z.js"), ("put", "a.js")]


# Publishing killed at any write.


def module(name, version, imports):
    """A module that exports a name per version so far and imports one name from each of some others."""
    lines = [f"import {{v{number}}} from './{other}'" for other, number in imports.items()]
    return "\n".join([*lines, *(f"export const v{n + 1} = '{name}'" for n in range(version))]).encode()


@st.composite
def two_versions(draw):
    """A site and its next version: modules stay, change, are added or are removed. Modules import only what the others'
    version exports, and pages reference only modules of their version."""
    names = draw(st.permutations([f"{letter}.js" for letter in "abcdef"]))
    life = {name: draw(st.sampled_from(["stays", "changes", "comes", "goes"])) for name in names}
    versions = []
    for number in (1, 2):
        there = [name for name in names if life[name] != ("comes", "goes")[number - 1]]
        level = {name: 2 if number == 2 and life[name] == "changes" else 1 for name in there}
        files = {}
        for place, name in enumerate(there):
            # An unchanged module imports only names that exist in both versions.
            others = [other for other in there[:place] if life[name] != "stays" or life[other] in ("stays", "changes")]
            chosen = (
                others
                if life[name] == "stays"
                else draw(st.lists(st.sampled_from(others), unique=True))
                if others
                else []
            )
            files[name] = module(name, level[name], {it: 1 if life[name] == "stays" else level[it] for it in chosen})
        for page in draw(st.sets(st.sampled_from(["index.html", "pay.html"]), min_size=1)):
            files[page] = "".join(f'<script src="{name}">' for name in there).encode()
        versions.append(site(files))
    return versions


def assert_it_loads(contents):
    """Assert that every page's references and every reachable module's imports resolve."""
    for path, content in contents.items():
        text = content.decode()
        if path.endswith(".html"):
            assert set(NAMED.findall(text)) <= contents.keys(), path
        for name, other in IMPORTED.findall(text) if path.endswith(".js") and is_reached(path, contents) else ():
            assert f"export const {name} " in contents[other].decode(), f"{path} imports {name} of {other}"


def is_reached(path, contents):
    """Whether a module is reachable from any page."""
    waiting = [
        name for page, text in contents.items() if page.endswith(".html") for name in NAMED.findall(text.decode())
    ]
    seen = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [other for _, other in IMPORTED.findall(contents[name].decode())]
    return path in seen


def assert_the_manifest_is_consistent(contents, new):
    """Assert that the new manifest exists only together with all the files that it lists."""
    if contents.get("precache.json") == new["precache.json"]:
        assert all(contents[path] == content for path, content in new.items() if path != "service-worker.js")


def killed_at_each_write(old, new):
    """Yield the bucket's contents when publishing is killed before its first write, its second, and so on. After each,
    publishing runs again to completion."""
    for writes in itertools.count():
        aws = FakeAws(**old)
        aws.left = writes
        try:
            publish(aws, new)
        except Killed:
            yield aws.contents()
        else:
            return
        aws.left = None
        publish(aws, new)
        assert aws.contents() == new


@settings(max_examples=60)
@given(two_versions())
def test_the_site_loads_whenever_publishing_dies_and_the_next_run_completes_it(versions):
    old, new = versions
    for contents in killed_at_each_write(old, new):
        assert_it_loads(contents)
        assert_the_manifest_is_consistent(contents, new)


@settings(max_examples=30)
@given(two_versions())
def test_a_new_site_never_has_a_page_with_missing_files(versions):
    _, new = versions
    for contents in killed_at_each_write({}, new):
        assert_it_loads(contents)
        assert_the_manifest_is_consistent(contents, new)
