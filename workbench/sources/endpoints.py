"""The endpoints this person has added on this machine; a project only names them, and keys are in neither."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from workbench.errors import BadInputError, MissingError
from workbench.records.commands import quoted
from workbench.records.encoding import from_data
from workbench.records.endpoint import Endpoint, origin_of
from workbench.sources.addresses import checked_url
from workbench.sources.keys import passed_on
from workbench.sources.state_list import StateList

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class Endpoints(StateList[Endpoint]):
    """The endpoints by name."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__("endpoints.json", partial(from_data, Endpoint), file)

    def get(self, name: str) -> Endpoint:
        """Return one endpoint by name or by one of its URLs."""
        for endpoint in self.all():
            if name == endpoint.name or name.rstrip("/") in endpoint.urls:
                return endpoint
        raise MissingError(
            "There is no endpoint {name}; add it with: workbench models add NAME URL",
            name=name,
        )

    def put(self, endpoint: Endpoint) -> None:
        """Add an endpoint, or replace the one of that name."""
        others = [other for other in self.all() if other.name != endpoint.name]
        self._write(sorted([*others, endpoint], key=lambda one: one.name))

    def remove(self, name: str) -> Endpoint:
        """Take an endpoint out and return it."""
        gone = self.get(name)
        self._write([other for other in self.all() if other.name != gone.name])
        return gone

    def require_known(self, endpoint: Endpoint) -> None:
        """Raise BadInputError where a plan asks a place that this person never added: projects come from other people, too."""
        known = {origin_of(url) for mine in self.all() for url in mine.urls}
        for url in endpoint.urls:
            if origin_of(url) not in known:
                raise BadInputError(
                    "The run would send its texts to {origin}, which was not added on this machine; if you trust it: "
                    "workbench models add {endpoint} {url} --model {model}",
                    origin=origin_of(url),
                    endpoint=quoted(endpoint.name),
                    url=quoted(url),
                    model=quoted(endpoint.model),
                )

    def variables(self) -> tuple[str, ...]:
        """Return the variables that hold, or lead to, the keys of these endpoints."""
        return passed_on(url for endpoint in self.all() for url in endpoint.urls)


def new_endpoint(name: str, urls: Sequence[str], model: str = "", plain_http: bool = False) -> Endpoint:
    """Return an endpoint as somebody asked for it; raises BadInputError where name or an address will not do."""
    if not _NAME.fullmatch(name):
        raise BadInputError(
            "'{name}' is no name for an endpoint; use small letters, digits, dots and dashes.",
            name=name,
        )
    if not urls:
        raise BadInputError("An endpoint needs an address, such as http://127.0.0.1:8000/v1.")
    checked = tuple(dict.fromkeys(checked_url(url, plain_http) for url in urls))
    return Endpoint(name, checked, model)
