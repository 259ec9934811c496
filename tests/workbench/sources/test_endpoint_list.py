"""The list of endpoints, addresses that are refused, and keys that belong to one origin."""

from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import pytest

from workbench.errors import BadInputError, MissingError
from workbench.records.endpoint import Endpoint, key_variable, origin_of
from workbench.sources.addresses import checked_url
from workbench.sources.endpoints import Endpoints, new_endpoint
from workbench.sources.keys import forget_key, keep_key, key_for, passed_on
from workbench.sources.model_folders import ModelFolders
from workbench.sources.own_code import Consents


class Drawer(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = -1.0

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.keys.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.keys[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.keys.pop((service, username), None)


@pytest.fixture
def drawer(same_keyring_after: None) -> Drawer:
    made = Drawer()
    keyring.set_keyring(made)
    return made


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ftp://host/v1", "is not an address"),
        ("localhost:8000", "is not an address"),
        ("http://[", "is not an address"),
        ("http://user:pw@127.0.0.1/v1", "must hold no name"),
        ("http://127.0.0.1/v1?key=1", "must hold no name"),
        ("http://169.254.169.254/v1", "never asked"),
        ("http://[fe80::1]/v1", "never asked"),
        ("http://0.0.0.0:8000/v1", "never asked"),
        ("http://[::]/v1", "never asked"),
        ("http://[::ffff:169.254.169.254]/v1", "never asked"),
        ("http://2852039166/v1", "never asked"),
        ("http://10.0.0.5:8000/v1", "--plain-http"),
    ],
)
def test_addresses_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        checked_url(text)


def test_addresses_that_are_taken() -> None:
    assert checked_url(" http://127.0.0.1:8000/v1/ ") == "http://127.0.0.1:8000/v1"
    assert checked_url("http://[::1]:8000/v1") == "http://[::1]:8000/v1"
    assert checked_url("http://10.0.0.5:8000/v1", plain_http=True) == "http://10.0.0.5:8000/v1"
    assert checked_url("https://10.0.0.5/v1") == "https://10.0.0.5/v1"


def test_endpoints_are_kept_by_name_and_asked_only_if_added(tmp_path: Path) -> None:
    endpoints = Endpoints(tmp_path / "endpoints.json")
    assert endpoints.all() == []
    mine = new_endpoint("mine", ["http://127.0.0.1:8000/v1", "http://127.0.0.1:8001/v1/"], "m")
    endpoints.put(mine)
    endpoints.put(new_endpoint("other", ["http://127.0.0.1:9000/v1"]))
    assert [one.name for one in Endpoints(endpoints.file).all()] == ["mine", "other"]
    assert endpoints.get("http://127.0.0.1:8001/v1/") == mine
    endpoints.require_known(Endpoint("theirs", ("http://127.0.0.1:9000/v1",), "m"))
    with pytest.raises(BadInputError, match="was not added on this machine"):
        endpoints.require_known(Endpoint("theirs", ("http://127.0.0.1:9001/v1",), "m"))
    endpoints.remove("mine")
    with pytest.raises(MissingError, match="workbench models add"):
        endpoints.get("mine")
    for spoilt in ("{", "null", '{"a": 1}', '["mine"]', "[5]", '[{"name": 5, "nose": 1}]'):
        endpoints.file.write_text(spoilt)
        for kept in (endpoints, Consents(endpoints.file)):
            with pytest.raises(BadInputError, match=r"cannot be read: .*; mend it or take it away"):
                kept.all()
    with pytest.raises(BadInputError, match=r"cannot be read: .*; mend it or take it away"):
        ModelFolders(endpoints.file).all()
    for name in ("", "Big", "../x", "a b"):
        with pytest.raises(BadInputError, match="no name for an endpoint"):
            new_endpoint(name, ["http://127.0.0.1/v1"])


def test_a_key_belongs_to_one_origin(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_key("https://api.example.org/v1", "secret")
    assert key_for("https://api.example.org/other") == "secret"
    for other in ("http://api.example.org/v1", "https://api.example.org:8443/v1", "https://evil.example.org/v1"):
        assert key_for(other) is None
    monkeypatch.setenv(key_variable("https://api.example.org/v1"), "from the environment")
    assert key_for("https://api.example.org/v1") == "from the environment"
    monkeypatch.delenv(key_variable("https://api.example.org/v1"))
    forget_key("https://api.example.org/v1")
    assert key_for("https://api.example.org/v1") is None


def test_without_a_keyring_it_is_said_where_a_key_goes_instead(same_keyring_after: None) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    said = (
        "leave the key field empty .*--key-from-stdin out.*variable WORKBENCH_KEY_API_EXAMPLE_ORG to the key, and start"
    )
    with pytest.raises(MissingError, match=said):
        keep_key("https://api.example.org/v1", "secret")


def test_variables_and_origins_tell_places_apart() -> None:
    urls = ["https://a.org", "https://a.org:8443", "http://a.org", "http://a.org:443", "https://b.org"]
    assert len({key_variable(url) for url in urls}) == len({origin_of(url) for url in urls}) == len(urls)
    assert key_variable("https://api.example.org/v1") == "WORKBENCH_KEY_API_EXAMPLE_ORG"
    assert origin_of("https://A.org/v1") == origin_of("https://a.org:443")
    assert "WORKBENCH_KEY_A_ORG" in passed_on(["https://a.org/v1"])
    assert passed_on([]) == ()
