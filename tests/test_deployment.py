"""The manifests for Kubernetes: they hold what a cluster asks for, least rights, and no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from source_code import ROOT

MANIFESTS = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
KINDS = {
    "machine.yaml": ["PersistentVolumeClaim", "Job"],
    "cluster.yaml": ["Service", "NetworkPolicy", "Deployment", "Deployment", "PersistentVolumeClaim", "Job"],
}
VERSIONS = {
    **{"Service": "v1", "PersistentVolumeClaim": "v1", "Job": "batch/v1", "Deployment": "apps/v1"},
    "NetworkPolicy": "networking.k8s.io/v1",
}
SECRET = re.compile("PASSWORD|TOKEN$|STUDIES|USERNAME|KEY")


def objects(manifest: Path) -> list[Any]:
    return list(YAML(typ="safe").load_all(manifest.read_text(encoding="utf-8")))


def pods(manifest: Path) -> Iterator[dict[str, Any]]:
    for one in objects(manifest):
        if "template" in one["spec"]:
            assert set(one["spec"].get("selector", {}).get("matchLabels", {}).items()) <= set(
                one["spec"]["template"]["metadata"]["labels"].items()
            )
            yield one["spec"]["template"]["spec"]


def test_every_manifest_is_looked_at() -> None:
    assert {path.name for path in MANIFESTS} == set(KINDS)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_holds_named_objects_of_known_kinds(manifest: Path) -> None:
    found = objects(manifest)
    assert [one["kind"] for one in found] == KINDS[manifest.name]
    assert all(one["apiVersion"] == VERSIONS[one["kind"]] for one in found)
    assert all(re.fullmatch("bythebook[a-z-]*", one["metadata"]["name"]) for one in found)
    assert len({(one["kind"], one["metadata"]["name"]) for one in found}) == len(found)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_pods_say_what_they_need_and_have_least_rights(manifest: Path) -> None:
    claims = {one["metadata"]["name"] for one in objects(manifest) if one["kind"] == "PersistentVolumeClaim"}
    assert list(pods(manifest))
    for pod in pods(manifest):
        assert pod["automountServiceAccountToken"] is False and pod["securityContext"]["runAsNonRoot"] is True
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        for volume in volumes.values():
            assert volume.get("persistentVolumeClaim", {}).get("claimName") in {None, *claims}
        for container in pod["containers"]:
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}
            assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= set(volumes)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_no_manifest_holds_a_secret(manifest: Path) -> None:
    text = manifest.read_text(encoding="utf-8")
    assert not re.search(r"://[^\s/\"]*@|kind: Secret|stringData", text)
    variables = [one for pod in pods(manifest) for container in pod["containers"] for one in container["env"]]
    secret = [one for one in variables if SECRET.search(one["name"])]
    assert secret and all(set(one) == {"name", "valueFrom"} for one in secret)
    assert all(set(one["valueFrom"]) == {"secretKeyRef"} for one in secret)


def test_a_cluster_asks_for_a_token_and_lets_nobody_else_in() -> None:
    manifest = ROOT / "deploy" / "kubernetes" / "cluster.yaml"
    for pod in pods(manifest):
        (container,) = pod["containers"]
        assert "ray" in " ".join([*container["command"], *container.get("args", [])])
        assert {"name": "RAY_AUTH_MODE", "value": "token"} in container["env"]
    (policy,) = [one["spec"] for one in objects(manifest) if one["kind"] == "NetworkPolicy"]
    mine = {"matchLabels": {"app": "bythebook"}}
    assert policy["podSelector"] == mine and policy["policyTypes"] == ["Ingress"]
    assert policy["ingress"] == [{"from": [{"podSelector": mine}]}]


def test_the_guide_names_every_manifest_and_every_key_of_the_secret() -> None:
    guide = (ROOT / "docs" / "SCALING.md").read_text(encoding="utf-8")
    keys = {key for path in MANIFESTS for key in re.findall(r"key: ([\w-]+)}", path.read_text(encoding="utf-8"))}
    assert len(keys) == 4
    assert not [name for name in (*KINDS, *(f"--from-literal={key}=" for key in keys)) if name not in guide]
